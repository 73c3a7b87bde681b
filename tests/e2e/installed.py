"""contctl as root installs it for everybody, below /opt of a private host."""

import os
import sys
import sysconfig
from pathlib import Path

import contctl
from tests.private_host import PrivateHost
from tests.requirements import unavailable

CONTCTL = "/opt/contctl/bin/contctl"
PYTHON = "/opt/contctl/bin/python"
_SCRIPT = """\
#!/opt/contctl/bin/python
import sys
from contctl.__main__ import main
sys.exit(main())
"""


def install_contctl(private: PrivateHost) -> None:
    """Put the interpreter, the packages and contctl below /opt, as a virtual environment."""
    interpreter = os.path.realpath(sys.executable)
    if os.stat(interpreter).st_uid != 0:
        unavailable("the interpreter is not root's, so no gateway may run on it")
    packages = f"/opt/contctl/lib/python{sysconfig.get_python_version()}/site-packages"
    private.done("mkdir", "-p", "/opt/contctl/bin", packages, "/opt/python")
    private.done("mount", "--bind", sys.base_prefix, "/opt/python")
    sources = [path for path in sys.path if path.endswith("/site-packages")]
    mounted = [f"/opt/packages/{number}" for number in range(len(sources))]
    for source, path in zip(sources, mounted, strict=True):
        private.done("mkdir", "-p", path)
        private.done("mount", "--bind", source, path)
    name = os.path.relpath(interpreter, sys.base_prefix)
    private.done("ln", "-s", f"/opt/python/{name}", PYTHON)
    private.done("cp", "-r", os.path.dirname(contctl.__file__), packages)
    private.done("chmod", "-R", "u=rwX,go=rX", packages)
    private.done("chown", "-R", "root:root", packages)
    for path, content in (
        (f"{packages}/packages.pth", "\n".join(mounted)),
        ("/opt/contctl/pyvenv.cfg", f"home = /opt/python/{os.path.dirname(name)}\n"),
        (CONTCTL, _SCRIPT),
    ):
        private.done("tee", path, stdin=content)
    private.done("chmod", "755", CONTCTL)
    private.done(PYTHON, "-m", "compileall", "-q", f"{packages}/contctl")
    _open_prefix(private)


def _open_prefix(private: PrivateHost) -> None:
    """Let everybody have the interpreter's own library, which it looks for where it was built; that
    may be below a folder of root's, of which nothing else is to be seen then."""
    folders = reversed(Path(sys.base_prefix).parents)
    closed = next((each for each in folders if not each.stat().st_mode & 0o001), None)
    if closed is not None:
        private.done("mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", str(closed))
        private.done("mkdir", "-p", sys.base_prefix)
        private.done("mount", "--bind", "/opt/python", sys.base_prefix)
