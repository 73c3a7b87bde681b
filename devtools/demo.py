"""`make demo`: the main job for real, in a throw-away home, on the engine that is there or a
private one. It removes all that it made."""

import os
import secrets
import shlex
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from contctl.backends.clock import SystemClock
from contctl.backends.docker.endpoint import choose_endpoint
from contctl.backends.docker.engine import DockerEngine
from contctl.core.errors import ContctlError
from devtools import images
from devtools.engine import PrivateEngine, missing

_CONTCTL = Path(sys.executable).with_name("contctl")
_PASSWORD = "correct horse battery staple"
_SHORT = '[session]\naccess_ttl = "2s"\n'


class Demo:
    """One run: the environment of its commands, and how they are shown."""

    def __init__(self, home: Path, host: str) -> None:
        self.home = home
        self._environ = {
            **os.environ,
            "CONTCTL_HOME": str(home),
            "CONTCTL_CREDENTIAL_STORE": "file",
            "DOCKER_HOST": host,
        }
        for name in ("CONTCTL_CONTEXT", "CONTCTL_TOKEN", "CONTCTL_TOKEN_FILE"):
            self._environ.pop(name, None)

    def say(self, text: str) -> None:
        """Say what comes next."""
        print(f"\n\033[1m# {text}\033[0m" if sys.stdout.isatty() else f"\n# {text}", flush=True)

    def run(self, *arguments: str, password: bool = False, expect: int = 0) -> None:
        """Show a command line and what it prints; SystemExit if it ends otherwise than expected."""
        shown = shlex.join(arguments)
        prefix = "echo ... | " if password else ""
        suffix = " --password-stdin" if password else ""
        print(f"$ {prefix}contctl {shown}{suffix}", flush=True)
        code = subprocess.run(
            [_CONTCTL, *arguments, *(["--password-stdin"] if password else [])],
            env=self._environ,
            input=f"{_PASSWORD}\n".encode() if password else b"",
            check=False,
            timeout=60,
        ).returncode
        if code != expect:
            sys.exit(f"error: contctl {shown} ended with {code} instead of {expect}")
        if expect:
            print(f"(exit code {code})", flush=True)

    def take_token(self, *arguments: str) -> None:
        """Show `contctl token create ARGUMENTS`, and let the token speak for what follows."""
        command = ["token", "create", *arguments]
        print(f"$ export CONTCTL_TOKEN=$(contctl {shlex.join(command)})", flush=True)
        made = subprocess.run(
            [_CONTCTL, *command],
            env=self._environ,
            stdout=subprocess.PIPE,
            text=True,
            check=False,
            timeout=60,
        )
        if made.returncode:
            sys.exit(f"error: contctl {shlex.join(command)} ended with {made.returncode}")
        self._environ["CONTCTL_TOKEN"] = made.stdout.strip()

    def drop_token(self) -> None:
        """Let the session speak again."""
        print("$ unset CONTCTL_TOKEN", flush=True)
        del self._environ["CONTCTL_TOKEN"]

    def quietly(self, *arguments: str) -> None:
        """Run a command of the clean-up."""
        subprocess.run(
            [_CONTCTL, *arguments],
            env=self._environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
            timeout=60,
        )


def main() -> None:
    """Run the demo; SystemExit with one line where it cannot be run."""
    with ExitStack() as resources:
        host = find_engine(resources)
        folder = resources.enter_context(tempfile.TemporaryDirectory(prefix="contctl-demo-"))
        image = f"contctl-demo:{secrets.token_hex(4)}"
        name = f"demo-{secrets.token_hex(3)}"
        images.import_image(host, image)
        resources.callback(images.remove_image, host, image)
        demo = Demo(Path(folder), host)
        resources.callback(demo.quietly, "rm", "-f", name)
        tell(demo, image, name)
    print("\nThat was contctl. Everything that the demo made is gone again.")


def tell(demo: Demo, image: str, name: str) -> None:
    """The main job, step by step."""
    demo.say("A user database with its first admin, and a session")
    demo.run("init", "--username", "ada", password=True)
    demo.run("login", "ada", password=True)
    demo.say("A container: made, seen, read, stopped")
    demo.run("run", "-d", "--name", name, image, "sh", "-c", "echo hello; sleep 600")
    demo.run("ps")
    demo.run("logs", name)
    demo.run("stop", "-t", "0", name)
    demo.say("A colleague who may look, and not touch")
    demo.run("user", "add", "bob", "--role", "viewer", password=True)
    demo.run("login", "bob", password=True)
    demo.run("start", name, expect=5)
    demo.run("login", "ada", password=True)
    demo.say("A CI job with a token that may start and stop this one container")
    demo.take_token("deploy", "--role", "operator", "--name", name, "--expires", "1d")
    demo.run("start", name)
    demo.run("rm", "-f", name, expect=5)
    demo.run("stop", "-t", "0", name)
    demo.drop_token()
    demo.say("Access tokens are short-lived (here: two seconds), and renewed only when you say so")
    (demo.home / "config.toml").write_text(_SHORT)
    demo.run("refresh")
    time.sleep(2.5)
    demo.run("ps", expect=4)
    (demo.home / "config.toml").unlink()
    demo.run("refresh")
    demo.run("ps", "-a", "--filter", f"name={name}")
    demo.say("Who did what")
    demo.run("audit", "ls", "-n", "24")
    demo.run("audit", "verify")


def find_engine(resources: ExitStack) -> str:
    """The address of the engine that is there, or of a private one that ends with `resources`."""
    why = "no engine is configured"
    try:
        endpoint = choose_endpoint(os.environ, os.environ.get("CONTCTL_CONTEXT"))
        DockerEngine(endpoint, SystemClock()).info()
    except ContctlError as error:
        why = error.message
    else:
        print(f"using the engine at {endpoint.address}")
        return endpoint.address
    if os.geteuid() != 0:
        sys.exit(f"error: {why}; start Docker, or run the demo as root to have a private engine")
    subprocess.run([Path(__file__).with_name("install-packages.sh"), "engine"], check=True)
    if reason := missing():
        sys.exit(f"error: {why}, and a private engine cannot be started: {reason}")
    print("no engine answers here: starting a private one")
    return resources.enter_context(PrivateEngine()).host


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
    except RuntimeError as error:
        sys.exit(f"error: {error}")
