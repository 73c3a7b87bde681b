"""The container commands: what they print, where, and how they end."""

import json
from collections.abc import Callable

import pytest

from contctl.core.domain.containers import Container, ListQuery
from contctl.core.domain.create import CreateSpec
from contctl.core.domain.roles import Role
from contctl.core.domain.secret import Secret
from contctl.core.errors import ContctlError, ErrorCode
from tests.commands.harness import IMAGE, Shell
from tests.fakes.engine import FakeEngine


def test_ps_in_columns(shell: Shell) -> None:
    container_id = shell.container("web")
    lines = shell.done("ps").splitlines()
    assert lines[0].split() == [
        "CONTAINER", "ID", "IMAGE", "COMMAND", "CREATED", "STATUS", "PORTS", "NAMES",
    ]  # fmt: skip
    assert lines[1].startswith(f"{container_id[:12]}   {IMAGE}   ")
    assert lines[1].endswith("   web")
    for name in ("ls", "list", "ps"):
        assert shell.done("container", name) == shell.done("ps")
    assert shell.run("list").code == 2
    shell.done("stop", "-t", "0", "web")
    assert len(shell.done("ps").splitlines()) == 1
    assert len(shell.done("ps", "-a").splitlines()) == 2


def test_ps_in_every_format(shell: Shell) -> None:
    container_id = shell.container("web")
    assert shell.done("ps", "-q") == f"{container_id[:12]}\n"
    assert shell.done("ps", "-q", "--no-trunc") == f"{container_id}\n"
    assert shell.done("ps", "--format", "{{.Names}} {{.State}}") == "web running\n"
    assert shell.done("ps", "--format", r"table {{.Names}}\t{{.State}}") == (
        "NAMES     STATE\nweb       running\n"
    )
    row = json.loads(shell.done("ps", "--format", "json"))
    assert list(row) == [
        "Command", "CreatedAt", "ID", "Image", "Labels", "LocalVolumes", "Mounts", "Names",
        "Networks", "Platform", "Ports", "RunningFor", "Size", "State", "Status",
    ]  # fmt: skip
    assert row["Labels"] == ""
    assert row["Command"] == '"sleep 600"'
    (document,) = json.loads(shell.done("ps", "--json"))["containers"]
    assert (document["id"], document["name"]) == (container_id, "web")
    assert sorted(document) == [
        "command", "created_at", "id", "image", "image_id", "labels", "mounts", "name", "names",
        "networks", "ports", "size", "state", "status", "virtual_size", "workload",
    ]  # fmt: skip


def test_ps_filters_and_counts(shell: Shell) -> None:
    for name in ("one", "two", "three"):
        shell.container(name)
    assert shell.done("ps", "-f", "name=two", "--format", "{{.Names}}") == "two\n"
    assert shell.done("ps", "-l", "--format", "{{.Names}}") == "three\n"
    assert shell.done("ps", "-n", "2", "--format", "{{.Names}}") == "three\ntwo\n"
    result = shell.run("ps", "-f", "name")
    assert (result.code, result.out) == (2, "")
    assert result.err.startswith("error: not a filter: 'name'\n")


@pytest.mark.parametrize(
    "template", ["{{.Nope}}", "{{range .Names}}", "{{.ID", "table {{.ID | x}}"]
)
def test_a_template_that_cannot_be_shown_prints_nothing(shell: Shell, template: str) -> None:
    for name in ("", "web"):
        if name:
            shell.container(name)
        result = shell.run("ps", "--format", template)
        assert (result.code, result.out) == (2, "")
        assert "{{" in result.err


def test_tables_of_templates(shell: Shell) -> None:
    shell.container("web")
    table = "NAMES     STATE\nweb       running\n"
    for source in (r"table{{.Names}}\t{{.State}}", r"table   {{- .Names}}\t{{.State}} "):
        assert shell.done("ps", "--format", source) == table
    assert shell.done("ps", "--format", "table ") == shell.done("ps")
    lines = shell.done("ps", "--format", r"table {{.Names}}\n{{.State}}\t{{.Names}}")
    assert lines == "NAMES\nSTATE     NAMES\nweb\nrunning   web\n"


def test_the_older_format_is_refused_by_name(shell: Shell) -> None:
    shell.container("web")
    for command in ("ps", "user ls", "session ls", "audit ls"):
        result = shell.run(*command.split(), "--format", "raw")
        assert (result.code, result.out) == (2, "")
        assert result.err.startswith("error: the format 'raw' ")


def test_a_template_shows_its_own_tabs_and_lines_on_a_terminal(shell: Shell) -> None:
    shell.done("run", "-d", "--name", "web", "-l", "a=1\n2\t3", IMAGE, "sleep", "600")
    template = r"{{.Names}}\t{{.State}}\n{{.Labels}}"
    assert shell.run("ps", "--format", template, tty=True).out == "web\trunning\na=1\\n2\\t3\n"
    template = "{{.Name}}\n{{.Config.Labels.a}}"
    assert shell.run("inspect", "-f", template, "web", tty=True).out == "/web\n1\\n2\\t3\n"
    assert shell.run("inspect", "-f", template, "web").out == "/web\n1\n2\t3\n"


def test_a_terminal_gets_a_table_without_markup_or_controls(shell: Shell) -> None:
    shell.environ["NO_COLOR"] = "1"
    shell.done("run", "--name", "web", IMAGE, "sh", "-c", "exit 0; [red]\x1b]52;c;x\a[/red]")
    result = shell.run("ps", "-a", "--no-trunc", tty=True)
    assert result.code == 0
    flat = result.out.replace("\n", "")
    assert "\x1b]" not in flat
    assert "\a" not in flat
    assert "[red]" in "".join(flat.split())
    del shell.environ["NO_COLOR"]
    shell.environ.update(TERM="dumb", CLICOLOR_FORCE="1")
    assert shell.run("ps", tty=True).out == shell.run("ps").out


def test_actions_on_several_targets(shell: Shell) -> None:
    for name in ("one", "two"):
        shell.container(name)
    result = shell.run("stop", "-t", "0", "one", "nope", "two")
    assert result.code == 3
    assert sorted(result.out.split()) == ["one", "two"]
    assert result.err == "error: no such container: nope\n"
    assert shell.done("start", "one") == "one\n"
    result = shell.run("rm", "one", "nope")
    assert result.code == 1
    assert shell.done("restart", "-t", "0", "one") == "one\n"
    assert shell.done("kill", "one") == "one\n"
    result = shell.run("rm", "-f", "one", "two", "nope")
    assert (result.code, sorted(result.out.split())) == (0, ["one", "two"])
    assert result.err == "no such container: nope\n"


def test_outcomes_as_one_document(shell: Shell) -> None:
    container_id = shell.container("web")
    result = shell.run("stop", "-t", "0", "--json", "web", "nope")
    assert result.code == 3
    done = {each["ref"]: each for each in json.loads(result.out)["outcomes"]}
    assert done["web"] == {
        "ref": "web",
        "id": container_id,
        "done": True,
        "warnings": [],
        "error": None,
    }
    assert done["nope"]["error"] == {
        "code": "not-found",
        "message": "no such container: nope",
        "hint": None,
    }


def test_inspect(shell: Shell) -> None:
    container_id = shell.container("web")
    (data,) = json.loads(shell.done("inspect", "web"))
    assert data["Id"] == container_id
    assert shell.done("inspect", "-f", "{{.Id}}", "web") == f"{container_id}\n"
    assert json.loads(shell.done("inspect", "-f", "json", "web")) == [data]
    assert json.loads(shell.done("inspect", "--json", "web")) == {"containers": [data]}
    assert json.loads(shell.done("inspect", "-s", "web"))[0]["SizeRootFs"] == 1024
    assert shell.run("inspect", "--type", "image", "web").err == (
        "error: contctl inspects containers, and nothing of the type 'image'\n"
    )
    assert shell.run("inspect", "-f", "{{.Name", "web").code == 2
    result = shell.run("inspect", "-f", "{{.Name}}{{.Nope}}", "web")
    assert (result.code, result.out) == (2, "\n")
    assert shell.done("inspect", "-f", "{{.ID}} {{.State.Health}}", "web") == (
        f"{container_id} <nil>\n"
    )
    result = shell.run("inspect", "nope", "web")
    assert result.code == 3
    assert len(json.loads(result.out)) == 1
    assert result.err == "error: no such container: nope\n"
    assert shell.run("inspect", "-f", "{{.Nope}}", "web").code == 2


def test_logs_keep_the_two_outputs_apart(shell: Shell) -> None:
    shell.done("run", "--name", "talk", IMAGE, "sh", "-c", "echo out; echo err >&2")
    result = shell.run("logs", "talk")
    assert (result.code, result.out, result.err) == (0, "out\n", "err\n")
    assert shell.done("logs", "--tail", "0", "talk") == ""
    assert shell.done("logs", "--tail", "-1", "talk") == "out\n"
    for tail in ("x", "1.5", "٣"):
        assert shell.run("logs", f"--tail={tail}", "talk").code == 2


def test_a_foreground_run_ends_as_its_process(shell: Shell) -> None:
    result = shell.run("run", "--rm", IMAGE, "sh", "-c", "echo out; echo err >&2; exit 7")
    assert (result.code, result.out, result.err) == (7, "out\n", "err\n")
    result = shell.run("run", "--rm", "-i", IMAGE, "cat", stdin=b"in\0\xc3\xa9")
    assert (result.code, result.out) == (0, "in\0é")
    assert shell.done("ps", "-aq") == ""


def test_a_run_that_cannot_start_says_what_is_left(shell: Shell) -> None:
    error = ContctlError(
        ErrorCode.FAILED, "no such program", details={"reason": "command-not-found"}
    )
    shell.ports.engine.fail_next("start", error)
    result = shell.run("run", "-d", "--name", "web", IMAGE, "nope")
    assert (result.code, result.out) == (127, "")
    assert result.err == (
        "error[failed]: no such program\n"
        "hint: the container web was made: see 'contctl ps -a', 'contctl rm web'\n"
    )


def test_a_run_with_rm_that_cannot_start_leaves_nothing(shell: Shell) -> None:
    for operation in ("start", "attach"):
        shell.ports.engine.fail_next(operation, ContctlError(ErrorCode.FAILED, "no"))
        result = shell.run("run", "--rm", "--name", "web", IMAGE, "true")
        assert (result.code, result.out, result.err) == (125, "", "error[failed]: no\n")
        assert shell.done("ps", "-aq") == ""


def test_a_run_with_rm_says_what_it_could_not_remove(shell: Shell) -> None:
    engine = shell.ports.engine
    for args in (("--rm",), ("--rm", "-d")):
        engine.fail_next("start", ContctlError(ErrorCode.UNAVAILABLE, "cut"))
        engine.fail_next("remove", ContctlError(ErrorCode.UNAVAILABLE, "gone"))
        result = shell.run("run", *args, IMAGE, "true")
        assert (result.code, result.out) == (125, "")
        (left,) = shell.done("ps", "-aq").splitlines()
        assert result.err == (
            "error[unavailable]: cut\n"
            f"hint: the container {left} was made: see 'contctl ps -a', 'contctl rm {left}'\n"
        )
        shell.done("rm", left)


class StartAnswersLost(FakeEngine):
    """Starts containers, and loses the answer."""

    def start(self, container_id: str) -> None:
        super().start(container_id)
        raise ContctlError(ErrorCode.UNAVAILABLE, "the answer was lost")


def test_a_run_with_rm_does_not_kill_what_runs_after_all(shell: Shell) -> None:
    shell.ports.engine = StartAnswersLost()
    result = shell.run("run", "--rm", "-d", "--name", "web", IMAGE, "sleep", "600")
    assert result.code == 125
    assert "hint: the container web was made: " in result.err
    assert shell.done("ps", "--format", "{{.Names}}") == "web\n"


def test_run_passes_on_what_it_is_told(shell: Shell) -> None:
    shell.environ.update(GIVEN="from here", CONTCTL_TOKEN="ctl_secret")
    shell.done(
        "run", "-d", "--name", "web", "-e", "A=1", "-e", "GIVEN", "-e", "ABSENT",
        "-e", "CONTCTL_TOKEN", "-l", "team=shop", "-l", "bare", IMAGE, "sleep", "600",
    )  # fmt: skip
    (data,) = json.loads(shell.done("inspect", "web"))
    assert [entry for entry in data["Config"]["Env"] if not entry.startswith("PATH=")] == [
        "A=1",
        "GIVEN=from here",
        "ABSENT",
    ]
    assert data["Config"]["Labels"] == {"bare": "", "team": "shop"}
    for args in (
        ["-e", "=x"],
        ["-e", "CONTCTL_TOKEN=x"],
        ["-l", "=x"],
        ["-p", "x"],
        ["-l", "contctl.x=1"],
    ):
        result = shell.run("run", *args, IMAGE)
        assert (result.code, result.out) == (125, "")
        assert result.err.startswith("error[usage]: ")


def test_a_missing_image_is_pulled_with_the_callers_credentials(shell: Shell) -> None:
    shell.client.auths["shop/app:1"] = Secret('{"username":"u"}')
    shell.ports.engine.pullable.add("shop/app:1")
    result = shell.run("run", "--rm", "shop/app:1", "echo", "hi")
    assert (result.code, result.out) == (0, "hi\n")
    assert result.err.startswith("the engine does not have the image shop/app:1; pulling it\n")
    assert shell.ports.engine.credentials == [Secret('{"username":"u"}')]
    shell.ports.engine.pullable.add("shop/other:1")
    result = shell.run("run", "--rm", "shop/other:1", "echo", "hi", tty=True)
    assert result.code == 0
    assert shell.run("run", "--rm", "shop/absent:1").code == 125


def test_exec(shell: Shell) -> None:
    shell.container("web")
    assert shell.done("exec", "web", "echo", "hi") == "hi\n"
    assert shell.run("exec", "web", "sh", "-c", "exit 4").code == 4
    assert shell.run("exec", "-i", "web", "cat", stdin=b"in").out == "in"
    assert shell.run("exec", "-d", "web", "sleep", "1").code == 0
    shell.done("stop", "-t", "0", "web")
    result = shell.run("exec", "web", "true")
    assert (result.code, result.out) == (125, "")
    assert result.err.startswith("error[conflict]: ")


def test_start_attached(shell: Shell) -> None:
    shell.done("run", "--name", "job", IMAGE, "sh", "-c", "echo again")
    result = shell.run("start", "-a", "job")
    assert (result.code, result.out) == (0, "again\n")
    result = shell.run("start", "-a", "job", "job")
    assert (result.code, result.out) == (125, "")


def test_doctor(shell: Shell) -> None:
    result = shell.run("doctor")
    assert (result.code, result.err) == (0, "")
    checks = [line.split()[:2] for line in result.out.splitlines()]
    assert checks == [
        ["ok", "engine"],
        ["ok", "store"],
        ["ok", "files"],
        ["ok", "credentials"],
        ["ok", "session"],
        ["note", "roles"],
    ]
    assert "advisory" in result.out


def test_doctor_names_what_fails_and_what_helps(shell: Shell) -> None:
    shell.clock.advance(601)
    shell.ports.modes.found = ("contctl.db: other users have access to it",)
    shell.ports.engine.fail_next("info", ContctlError(ErrorCode.UNAVAILABLE, "down", hint="start"))
    result = shell.run("doctor", "--json")
    assert result.code == 1
    checks = {check["name"]: check for check in json.loads(result.out)["checks"]}
    assert checks["engine"] == {
        "name": "engine",
        "level": "failed",
        "detail": "down",
        "hint": "start",
    }
    assert checks["files"]["level"] == "failed"
    assert checks["session"]["level"] == "note"
    assert checks["session"]["hint"] == "run 'contctl refresh'"


def test_doctor_asks_the_other_contexts(shell: Shell) -> None:
    """What fails there is a note: no command was to go there."""
    down = ContctlError(ErrorCode.UNAVAILABLE, "cannot reach it", hint="start it")
    shell.ports.context_probe.answers = {"far": "Docker 28 at ssh://far", "gone": down}
    result = shell.run("doctor")
    assert result.code == 0
    assert result.out.splitlines()[-3:] == [
        "ok    context far  Docker 28 at ssh://far",
        "note  context gone cannot reach it",
        "                   hint: start it",
    ]
    shell.ports.context_probe.broken = ContctlError(ErrorCode.STORE, "config.json is damaged")
    result = shell.run("doctor")
    assert (result.code, result.out.splitlines()[-1]) == (
        0,
        "note  contexts     config.json is damaged",
    )


def test_doctor_without_anything(empty_shell: Shell) -> None:
    result = empty_shell.run("doctor")
    assert result.code == 1
    assert "hint: run 'contctl init'" in result.out


def test_images(shell: Shell) -> None:
    shell.ports.engine.images.add("shop/app:1")
    lines = shell.done("images").splitlines()
    assert lines[0].split() == ["REPOSITORY", "TAG", "IMAGE", "ID", "CREATED", "SIZE"]
    assert lines[2].startswith("shop/app     1         ")
    assert (
        shell.done("images", "--format", "{{.Repository}}:{{.Tag}}", "shop/app") == "shop/app:1\n"
    )
    assert len(shell.done("images", "-q", "--no-trunc", "shop/app").strip()) == 71
    (document,) = json.loads(shell.done("images", "--json", "shop/app"))["images"]
    assert sorted(document) == [
        "containers", "created_at", "digests", "id", "labels", "shared_size", "size", "tags",
    ]  # fmt: skip
    result = shell.run("images", "-f", "bogus=1")
    assert (result.code, result.out) == (2, "")
    shell.login_as(Role.OPERATOR)
    result = shell.run("images")
    assert (result.code, result.out) == (5, "")
    assert "image:list" in result.err


def nothing() -> None:
    """Let nothing happen."""


class EndingLists(FakeEngine):
    """Answers some lists, something happening in between, and then no more."""

    def __init__(self, changes: list[Callable[[], None]]) -> None:
        super().__init__()
        self.coming = changes

    def list(self, query: ListQuery) -> tuple[Container, ...]:
        if self.coming:
            self.coming.pop(0)()
            return super().list(query)
        raise ContctlError(ErrorCode.UNAVAILABLE, "the engine went away")


def test_a_row_has_no_text_of_its_own(shell: Shell) -> None:
    shell.container("web")
    for template in ('{{printf "%v" .}}', "{{.}}", "{{println .}}", "table {{.}}"):
        result = shell.run("ps", "-a", "--format", template)
        assert (result.code, result.out) == (2, ""), template
        assert "name its fields" in result.err


def test_a_watch_prints_what_changed(shell: Shell) -> None:
    engine = EndingLists([])
    shell.ports.engine = engine
    made = engine.create(CreateSpec(IMAGE, ("sleep", "600"), name="web"), "request").id
    engine.coming = [
        lambda: engine.start(made),
        nothing,
        lambda: engine.pause(made),
        lambda: engine.stop(made, 0, None),
    ]
    result = shell.run("ps", "-a", "--watch", "--format", "{{.Names}} {{.State}}")
    assert (result.code, result.out) == (7, "web running\n\nweb paused\n\nweb exited\n")
    assert result.err == "error: the engine went away\n"
    assert shell.run("ps", "--watch", "--json").code == 2


def test_a_watch_gives_the_terminal_back(shell: Shell) -> None:
    engine = EndingLists([nothing])
    shell.ports.engine = engine
    shell.environ["NO_COLOR"] = "1"
    result = shell.run("ps", "--watch", tty=True)
    assert result.code == 7
    assert result.out.startswith("\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[H\x1b[1mCONTAINER ID")
    assert result.out.endswith("\x1b[J\x1b[?7h\x1b[?25h\x1b[?1049l")
