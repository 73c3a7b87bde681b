"""The README's section about a gateway, run as it stands there, on a host of its own.

What the tests put in its place: pip, for it needs a network; systemd, by the README's own command
lines for hosts without it; sudo, for they are root's already; prompts, by --password-stdin.
"""

import json
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from contctl.backends.gateway_file import KEYS, load_gateway_settings
from devtools import processes
from devtools.engine import PrivateEngine
from tests.e2e.installed import install_contctl
from tests.e2e.machine import PASSWORD
from tests.gateway_client.servers import certificate
from tests.private_host import PrivateHost, private_host
from tests.requirements import unavailable

README = (Path(__file__).parents[2] / "README.md").read_text()
SECONDS = 60
KEY = "/etc/contctl/key.pem"
PEOPLE = ("ada", "alice")
SHELL = """\
set -euo pipefail
sudo() {
    case $1 in
        -u) setpriv --reuid "$2" --regid "$2" --init-groups "${@:3}" ;;
        *) "$@" ;;
    esac
}
"""


def blocks(title: str, language: str = "console") -> list[str]:
    """The blocks in `language` of the section `title`; of `console`, the commands alone."""
    section = README.split(f"# {title}\n", 1)[1].split("\n## ")[0].split("\n### ")[0]
    found = []
    for part in section.split(f"```{language}\n")[1:]:
        lines = [line.strip() for line in part.split("```")[0].splitlines()]
        if language == "console":
            assert all(line.startswith("$ ") for line in lines if line)
        found.append("\n".join(line.removeprefix("$ ") for line in lines))
    return found


def without_prompts(commands: str) -> str:
    """`commands` with passwords from standard input, and tokens in files."""
    lines = []
    for line in commands.splitlines():
        bare = line.partition(" #")[0].rstrip()
        if " init " in bare or " add " in bare or " login " in bare or "recover-admin" in bare:
            bare = f"{bare} --password-stdin <<<{PASSWORD!r}"
        lines.append(f"{bare} --store file" if " login " in line else bare)
    return "\n".join(lines).replace(" --store file --store file", " --store file")


@dataclass(frozen=True)
class Host:
    """A host on which people follow the README."""

    private: PrivateHost
    folder: Path

    def command(self, who: str, commands: str) -> list[str]:
        """The command line that runs `commands` in bash as the user `who`."""
        own = ["setpriv", f"--reuid={who}", f"--regid={who}", "--init-groups"]
        drop = [] if who == "root" else [*own, "--inh-caps=-all"]
        environ = [
            "PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            f"HOME=/run/people/{who}",
            "LANG=C.UTF-8",
        ]
        bash = ["bash", "-c", SHELL + commands]
        return self.private.command(*drop, "env", "-i", "-C", "/", *environ, *bash)

    def tried(self, who: str, commands: str) -> subprocess.CompletedProcess[str]:
        """Run `commands` to their end."""
        return subprocess.run(
            self.command(who, commands),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=SECONDS,
        )

    def done(self, who: str, commands: str) -> str:
        """Run what must succeed; its standard output."""
        result = self.tried(who, commands)
        assert result.returncode == 0, (commands, result.stdout, result.stderr)
        return result.stdout

    @contextmanager
    def gateway(self) -> Iterator[None]:
        """A gateway that runs, begun as the README does without systemd."""
        prepare, serve = blocks("Without systemd")[0].splitlines()
        self.done("root", prepare)
        log = self.folder / "log"
        process = processes.start(self.command("root", serve.replace("sudo ", "exec ", 1)), log)
        try:
            processes.await_ready(process, lambda: '"serving"' in log.read_text(), SECONDS, log)
            yield
        finally:
            assert processes.stop(process, SECONDS)

    def installed(self) -> None:
        """Follow the first block up to where systemd would start the gateway."""
        install, _ = self._parts()
        self.done("root", install)

    def initialised(self) -> None:
        """Follow the rest of the first block; the gateway runs."""
        _, rest = self._parts()
        self.done("root", without_prompts(rest))

    def _parts(self) -> tuple[str, str]:
        lines = blocks("One host with a gateway")[0].splitlines()
        made, filled, *lines = lines
        assert made == "sudo /usr/bin/python3 -m venv /opt/contctl"
        assert filled == "sudo /opt/contctl/bin/pip install -c constraints.txt '.[gateway]'"
        start = next(number for number, line in enumerate(lines) if " systemctl " in line)
        return "\n".join(lines[:start]), "\n".join(lines[start + 1 :])


@pytest.fixture
def host(docker_engine: PrivateEngine, tmp_path: Path) -> Iterator[Host]:
    """Docker, contctl below /opt, and two people who may use docker."""
    missing = [name for name in ("bash", "gpasswd", "setpriv") if shutil.which(name) is None]
    if missing:
        unavailable(f"not installed: {' '.join(missing)}")
    engine = docker_engine.host.removeprefix("unix://")
    with private_host() as private:
        private.done("sh", "-c", "getent group docker || groupadd --system docker")
        private.done("sh", "-c", f"chgrp docker {engine} && chmod 0660 {engine}")
        private.done("touch", "/run/docker.sock")
        private.done("mount", "--bind", engine, "/run/docker.sock")
        private.done("mkdir", "-p", "/run/people/root")
        for name in PEOPLE:
            home = f"/run/people/{name}"
            private.done("useradd", "--create-home", "--home-dir", home, "-G", "docker", name)
        install_contctl(private)
        private.done("mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", "/usr/local/bin")
        # Whatever the README says, it changes nothing of this machine's.
        private.done("mount", "-o", "remount,bind,ro", "/")
        yield Host(private, tmp_path)


@pytest.mark.docker
def test_one_host(host: Host) -> None:
    host.installed()
    with host.gateway():
        host.initialised()
        _, people, admin, alice = blocks("One host with a gateway")
        host.done("root", people.replace("alice", "ada"))
        host.done("ada", without_prompts(admin))
        login, doctor, *rest = without_prompts(alice).splitlines()

        host.done("root", "usermod --append --groups contctl alice")
        host.done("alice", login)
        before = host.tried("alice", doctor)
        assert before.returncode == 1
        assert "advisory for this user: it can open /var/run/docker.sock" in before.stdout
        host.done("root", people)
        assert "roles        enforced: this user can open no" in host.done("alice", doctor)
        assert "NAMES" in host.done("alice", "\n".join(rest))

        refused = host.tried("alice", "contctl run -d busybox true")
        assert (refused.returncode, refused.stdout) == (125, "")
        assert "alice lacks container:create" in refused.stderr
        refused = host.tried("alice", "contctl --context local-gateway init --no-input")
        assert refused.returncode == 5
    gone = host.tried("alice", "contctl ps")
    assert (gone.returncode, gone.stdout) == (7, "")


@pytest.mark.docker
def test_from_other_hosts_and_programs(host: Host, tmp_path: Path) -> None:
    if shutil.which("curl") is None:
        unavailable("curl is not installed")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    made = certificate(tmp_path, "localhost")
    host.installed()
    place, client = blocks("From other hosts")
    serve = blocks("Without systemd")[0].splitlines()[1]
    host.done("root", f"cd {tmp_path}\n{place}")
    (lines,) = blocks("From other hosts", "toml")
    lines = lines.replace("192.0.2.1:8443", f"127.0.0.1:{port}")
    file = "/etc/contctl/gateway.toml"
    host.done("root", f"sed -i '/^group = /r /dev/stdin' {file} <<'END'\n{lines}\nEND")
    host.done("root", f"chown root:contctl {KEY} && chmod 640 {KEY}")
    refused = host.tried("root", serve)
    assert (refused.returncode, refused.stdout) == (9, "")
    assert f"{KEY} is refused: other users may read the private key" in refused.stderr
    host.done("root", f"chown contctl {KEY} && chmod 400 {KEY}")
    with host.gateway():
        host.initialised()
        host.done("root", "usermod --append --groups contctl ada")
        host.done("ada", without_prompts("contctl login ada\ncontctl user add alice --role viewer"))
        host.done("root", f"install -m 644 {made.cert} /run/people/alice/ca.pem")
        here = (("ops.example:8443", f"localhost:{port}"), (" ca.pem", " /run/people/alice/ca.pem"))
        for old, new in here:
            client = client.replace(old, new)
        host.done("alice", without_prompts(client))
        assert "alice" in host.done("alice", "contctl whoami")
        token = "CONTCTL_TOKEN=$(contctl auth print-access-token)\n"
        by_socket, by_tls = blocks("The gateway for other programs", "sh")
        for old, new in here:
            by_tls = by_tls.replace(old, new)
        # Other tests may have left containers on the engine.
        seen = [
            [each["id"] for each in json.loads(host.done(name, token + call))]
            for name, call in (("ada", by_socket), ("alice", by_tls))
        ]
        assert seen[0] == seen[1]


@pytest.mark.docker
def test_looking_after_it(host: Host) -> None:
    first, backup, restore, uninstall = blocks("Looking after a gateway")
    function, check = first.splitlines()
    host.installed()
    with host.gateway():
        host.initialised()
        checked = host.done("root", f"{function}\n{check}")
        assert all(line.startswith("ok ") for line in checked.splitlines())
        recover = without_prompts("as_gateway store recover-admin")
        host.done("root", f"{function}\n{recover}")
    stop, copy, start = backup.splitlines()
    assert (stop.split()[2], start.split()[2]) == ("stop", "start")
    copy, restore = (text.replace("/root/", "/run/people/root/") for text in (copy, restore))
    host.done("root", copy)
    seen = host.done("root", "find /var/lib/contctl /etc/contctl -printf '%p %M %u %g\\n' | sort")
    host.done("root", restore)
    again = host.done("root", "find /var/lib/contctl /etc/contctl -printf '%p %M %u %g\\n' | sort")
    assert again == seen
    with host.gateway():
        host.done("root", f"{function}\n{check}")
    stop, *rest = uninstall.splitlines()
    assert "disable --now" in stop
    host.done("root", "usermod --append --groups contctl ada")
    # userdel asks /proc, where other hosts' users have the same numbers.
    alone = ["unshare", "--pid", "--fork", "--mount-proc"]
    host.private.done(*alone, "bash", "-c", SHELL + "\n".join(rest))
    places = "/etc /run/contctl* /opt/contctl* /var/lib /usr/local/bin"
    left = host.private.run("sh", "-c", f"find {places} -name '*contctl*'").stdout
    accounts = host.done("root", "getent passwd; getent group")
    assert (left, "contctl" in accounts) == ("", False)


def test_the_configuration_is_the_default(tmp_path: Path) -> None:
    (text,) = blocks("The gateway's configuration", "toml")
    written = tmp_path / "written.toml"
    written.write_text(text)
    written.chmod(0o600)
    empty = tmp_path / "empty.toml"
    empty.write_text("")
    empty.chmod(0o600)
    assert load_gateway_settings(written) == load_gateway_settings(empty)
    named = {line.lstrip("# ").partition(" = ")[0] for line in text.splitlines() if " = " in line}
    known = {"data", "docker", *(key for keys in KEYS.values() for key in keys)}
    assert named == known
