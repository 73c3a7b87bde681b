"""Sessions: reuse, races of fifty processes, stopped lock holders, restored backups, odd clocks."""

import json
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest

from contctl.core.errors import ContctlError, ErrorCode
from tests.adversarial.homes import (
    credential_file,
    database,
    generations,
    in_process,
    planted,
    rows,
)
from tests.adversarial.refusals import assert_one_error, assert_refused
from tests.e2e.machine import PASSWORD, SECONDS, Machine
from tests.fakes.clock import FakeClock

# Fifty processes at once take their time where others want the machine too.
pytestmark = pytest.mark.timeout(400)

AT_ONCE = 50
LOCK_WAIT = 30
"""Seconds for which contctl waits for another one to let go of the credentials."""
DAY = 86400
LINE = PASSWORD.encode()


def all_at_once(machine: Machine, commands: Sequence[Sequence[str]]) -> list[tuple[int, str]]:
    """Exit code and standard error of `commands`, each given the password, begun together."""
    running = []
    for args in commands:
        process = machine.start(*args)
        assert process.stdin is not None
        process.stdin.write(LINE)
        process.stdin.close()
        process.stdin = None
        running.append(process)
    return ended(running)


def ended(processes: list[subprocess.Popen[bytes]]) -> list[tuple[int, str]]:
    """How each of the processes ended: exit code, standard error."""
    ends = []
    for process in processes:
        _, err = process.communicate(timeout=300)
        ends.append((process.returncode, err.decode()))
    return ends


def refreshed(machine: Machine) -> bytes:
    """The credential from before a refresh, which is made."""
    before = credential_file(machine).read_bytes()
    machine.done("refresh")
    return before


def test_reuse_of_a_recent_token(bare: Machine) -> None:
    """The last but one is worth its successor until that was used, and ends the family then."""
    bare.init()
    copy = refreshed(bare)
    path = credential_file(bare)
    newest = path.read_bytes()
    path.write_bytes(copy)
    bare.done("refresh")
    assert path.read_bytes() == newest
    assert bare.done("whoami") == "ada\n"
    with planted(bare, copy):
        assert_refused(bare.run("refresh"), 4, "was used twice, so the session was ended")
    for command in ("whoami", "refresh"):
        assert_refused(bare.run(command), 4, "the session has ended")
    bare.login("ada")


def test_reuse_of_an_old_token(bare: Machine) -> None:
    bare.init()
    copy = refreshed(bare)
    bare.done("refresh")
    with planted(bare, copy):
        # An access token is good until it expires; a refresh token is good once.
        assert bare.done("whoami") == "ada\n"
        assert_refused(bare.run("refresh"), 4, "was used twice, so the session was ended")
        for command in ("whoami", "refresh"):
            assert_refused(bare.run(command), 4, "the session has ended")
    assert_refused(bare.run("whoami"), 4, "the session has ended")
    bare.login("ada")
    assert bare.done("whoami") == "ada\n"


def test_fifty_refreshes_at_once(bare: Machine) -> None:
    bare.init()
    ends = all_at_once(bare, [("refresh",)] * AT_ONCE)
    assert [end for end in ends if end[0] != 0] == []
    assert generations(bare) == (AT_ONCE + 1, AT_ONCE + 1)
    assert rows(bare, "SELECT count(*) FROM sessions WHERE revoked_at IS NULL") == [(1,)]
    assert bare.done("whoami") == "ada\n"


def test_fifty_logins_at_once(bare: Machine) -> None:
    """Each begins a session in place of the one before it, or says that it waited too long."""
    bare.init()
    ends = all_at_once(bare, [("login", "ada", "--password-stdin")] * AT_ONCE)
    codes = Counter(code for code, _ in ends)
    print(f"logins at once: {dict(codes)}")
    assert codes[0] > 0
    # Each attempt counts as failed until it is judged, so that many at once have to wait.
    said = {
        4: "wrong user name or password",
        9: "another contctl is changing the credentials",
    }
    for code, err in ends:
        if code:
            assert_one_error(err, said[code])
    kept, stored = generations(bare)
    assert kept == stored == 1
    assert bare.done("whoami") == "ada\n"
    bare.done("refresh")


def test_fifty_inits_at_once(bare: Machine) -> None:
    names = [f"admin{number}" for number in range(AT_ONCE)]
    ends = all_at_once(bare, [("init", "--username", name, "--password-stdin") for name in names])
    codes = [code for code, _ in ends]
    assert Counter(codes) == {0: 1, 6: AT_ONCE - 1}, ends
    for code, err in ends:
        if code:
            assert_one_error(err, "contctl is initialised here already")
    winner = names[codes.index(0)]
    bare.login(winner)
    (user,) = json.loads(bare.done("user", "ls", "--json"))["users"]
    assert user["name"] == winner


def test_a_stopped_lock_holder(bare: Machine, pytestconfig: pytest.Config) -> None:
    bare.init()
    home = bare.home / "contctl"
    issuer = json.loads(bare.done("whoami", "--json"))["authority"]
    holder = subprocess.Popen(
        [sys.executable, "-m", "tests.credentials.contender", home, home, issuer, "0"],
        cwd=Path(pytestconfig.rootpath),
        env=bare.environment(),
        stdout=subprocess.PIPE,
    )
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        holder.send_signal(signal.SIGSTOP)
        assert bare.done("whoami") == "ada\n"
        began = time.monotonic()
        commands = [("refresh",), ("logout",), ("login", "ada", "--password-stdin")]
        waiting = [bare.start(*command) for command in commands]
        for process in waiting:
            out, err = process.communicate(LINE, timeout=3 * LOCK_WAIT)
            assert (process.returncode, out) == (9, b"")
            assert_one_error(err.decode(), "another contctl is changing the credentials")
        assert LOCK_WAIT - 2 < time.monotonic() - began < 3 * LOCK_WAIT
    finally:
        holder.kill()
        holder.communicate(timeout=SECONDS)
    assert bare.done("whoami") == "ada\n"
    bare.done("refresh")


def test_a_restored_backup(bare: Machine) -> None:
    """Tokens that are newer than the database are refused, and worth something again with it."""
    bare.init()
    path = database(bare)
    backup = path.read_bytes()
    bare.done("refresh")
    newest = path.read_bytes()
    path.write_bytes(backup)
    for command in ("whoami", "refresh", "ps"):
        result = bare.run(command)
        assert_refused(result, 4, "the store does not know this session's latest tokens")
    assert rows(bare, "SELECT revoked_at FROM sessions") == [(None,)]
    path.write_bytes(newest)
    assert bare.done("whoami") == "ada\n"
    bare.done("refresh")
    path.write_bytes(backup)
    bare.login("ada")
    assert bare.done("whoami") == "ada\n"


def _refusal(machine: Machine, now: float) -> str:
    """Why `now` is no time at which a command or a refresh of `machine` works."""
    messages = set()
    for use in (
        lambda: in_process(machine, FakeClock(now)).sessions.status(),
        lambda: in_process(machine, FakeClock(now)).sessions.refresh(None),
    ):
        with pytest.raises(ContctlError) as caught:
            use()
        assert caught.value.code is ErrorCode.NOT_AUTHENTICATED
        messages.add(caught.value.message)
    (message,) = messages
    return message


def test_a_clock_a_day_behind(bare: Machine) -> None:
    """Nothing from the future is accepted, and nothing is lost once the clock is right again."""
    bare.init()
    now = time.time()
    before = rows(bare, "SELECT * FROM sessions")
    assert _refusal(bare, now - DAY) == "the token is not valid"
    assert rows(bare, "SELECT * FROM sessions") == before
    assert bare.done("whoami") == "ada\n"
    bare.done("refresh")


def test_a_clock_a_day_ahead(bare: Machine) -> None:
    """The access token has expired there. A refresh made there is from the future here."""
    bare.init()
    ahead = FakeClock(time.time() + DAY)
    with pytest.raises(ContctlError) as caught:
        in_process(bare, ahead).sessions.status()
    assert caught.value.message == "the access token has expired"
    assert caught.value.hint == "run 'contctl refresh'"
    ((ends_at,),) = rows(bare, "SELECT ends_at FROM sessions")
    in_process(bare, ahead).sessions.refresh(None)
    assert in_process(bare, ahead).sessions.status().user.name == "ada"
    for command in ("whoami", "refresh"):
        assert_refused(bare.run(command), 4, "the token is not valid")
    ahead.advance(1)
    in_process(bare, ahead).sessions.refresh(None)
    assert rows(bare, "SELECT ends_at FROM sessions") == [(ends_at,)]
    bare.login("ada")
    assert bare.done("whoami") == "ada\n"


def test_a_clock_beyond_the_end_of_the_session(bare: Machine) -> None:
    bare.init()
    assert _refusal(bare, time.time() + 400 * DAY) == "the session has ended"
    assert bare.done("whoami") == "ada\n"
