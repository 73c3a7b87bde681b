"""Commands that are killed, stopped, or run all at once: nobody's session is lost."""

import json
import random
import signal
import sqlite3
import statistics
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from tests.e2e.machine import PASSWORD, SECONDS, Machine

ROUNDS = 44
AIMED = 16
SEED = 20
LOCK_WAIT = 30
"""Seconds for which contctl waits for another one to let go of the credentials."""


def generations(machine: Machine) -> tuple[int, int]:
    """The generation of the only live session, and the one that the stored tokens have."""
    home = machine.home / "contctl"
    connection = sqlite3.connect(home / "contctl.db", timeout=SECONDS)
    live = connection.execute("SELECT generation FROM sessions WHERE revoked_at IS NULL").fetchall()
    connection.close()
    (path,) = (home / "credentials").glob("*.json")
    ((generation,),) = live
    return generation, json.loads(path.read_bytes())["gen"]


def ended(processes: list[subprocess.Popen[bytes]]) -> list[tuple[int, str]]:
    """How each of the processes ended: exit code, standard error."""
    ends = []
    for process in processes:
        _, err = process.communicate(timeout=120)
        ends.append((process.returncode, err.decode()))
    return ends


def seconds_of_a_refresh(machine: Machine) -> float:
    """How long it takes, from the start of the process to its end."""
    times = []
    for _ in range(5):
        began = time.monotonic()
        machine.done("refresh")
        times.append(time.monotonic() - began)
    return statistics.median(times)


def what_is_left(machine: Machine, code: int) -> str:
    """Where a process that ended with `code` was killed, by what it left."""
    kept, stored = generations(machine)
    if code == 0:
        assert kept == stored
        return "not killed"
    assert kept - stored in (0, 1)
    return "between commit and write" if kept > stored else "before or after"


def kill_after(machine: Machine, delay: float) -> int:
    """Kill a refresh `delay` seconds after it began; its exit code."""
    process = machine.start("refresh", stdin=subprocess.DEVNULL)
    time.sleep(delay)
    process.kill()
    process.communicate(timeout=SECONDS)
    return process.returncode


def kill_at_the_commit(machine: Machine) -> int:
    """Kill a refresh as soon as the database has the next generation; its exit code."""
    connection = sqlite3.connect(machine.home / "contctl" / "contctl.db", timeout=SECONDS)
    total = "SELECT sum(generation) FROM sessions"
    before = connection.execute(total).fetchone()
    process = machine.start("refresh", stdin=subprocess.DEVNULL)
    while connection.execute(total).fetchone() == before and process.poll() is None:
        time.sleep(0.0002)
    process.kill()
    process.communicate(timeout=SECONDS)
    connection.close()
    return process.returncode


def test_a_refresh_killed_anywhere(bare: Machine) -> None:
    bare.init()
    duration = seconds_of_a_refresh(bare)
    pick = random.Random(SEED)
    found: Counter[str] = Counter()
    for number in range(ROUNDS + AIMED):
        aimed = number >= ROUNDS
        code = kill_at_the_commit(bare) if aimed else kill_after(bare, pick.uniform(0, duration))
        found[what_is_left(bare, code)] += 1
        bare.done("refresh")
        assert bare.done("whoami") == "ada\n"
        assert len(set(generations(bare))) == 1
    print(f"{ROUNDS} + {AIMED} kills of a refresh of {duration:.2f} s: {dict(found)}")
    # The rest of the test shows nothing where none fell there, or most came too late.
    assert found["between commit and write"] > 0
    assert found["not killed"] < ROUNDS / 2
    assert not list((bare.home / "contctl" / "credentials").glob("*.new"))


def test_a_refresh_cut_off_between_commit_and_write(bare: Machine) -> None:
    """What a kill there leaves, made without luck: the database is ahead of the tokens by one."""
    bare.init()
    (path,) = (bare.home / "contctl" / "credentials").glob("*.json")
    for _ in range(2):
        before = path.read_bytes()
        bare.done("refresh")
        path.write_bytes(before)
        kept, stored = generations(bare)
        assert kept == stored + 1
    assert bare.done("whoami") == "ada\n"
    bare.done("refresh")
    assert len(set(generations(bare))) == 1
    assert bare.done("whoami") == "ada\n"


def test_a_login_killed_anywhere_leaves_the_session_before_it_or_its_own(bare: Machine) -> None:
    bare.init()
    pick = random.Random(SEED)
    for _ in range(6):
        process = bare.start("login", "ada", "--password-stdin")
        assert process.stdin is not None
        process.stdin.write(PASSWORD.encode())
        process.stdin.close()
        time.sleep(pick.uniform(0.1, 0.6))
        process.kill()
        process.wait(SECONDS)
        for stream in (process.stdout, process.stderr):
            assert stream is not None
            stream.close()
        assert bare.done("whoami") == "ada\n"
        bare.done("refresh")


def test_twenty_refreshes_at_once(bare: Machine) -> None:
    bare.init()
    processes = [bare.start("refresh", stdin=subprocess.DEVNULL) for _ in range(20)]
    assert [end for end in ended(processes) if end[0] != 0] == []
    kept, stored = generations(bare)
    assert kept == stored
    assert 2 <= kept <= 21
    assert bare.done("whoami") == "ada\n"


def test_fifty_inits_at_once(bare: Machine) -> None:
    processes = []
    for number in range(50):
        args = ("init", "--username", f"admin{number}", "--password-stdin")
        process = bare.start(*args)
        assert process.stdin is not None
        process.stdin.write(PASSWORD.encode())
        process.stdin.close()
        process.stdin = None
        processes.append(process)
    ends = ended(processes)
    codes = [code for code, _ in ends]
    assert Counter(codes) == {0: 1, 6: 49}, ends
    winner = f"admin{codes.index(0)}"
    bare.login(winner)
    (user,) = json.loads(bare.done("user", "ls", "--json"))["users"]
    assert user["name"] == winner


def test_a_stopped_holder_of_the_lock(bare: Machine, pytestconfig: pytest.Config) -> None:
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
        began = time.monotonic()
        waiting = bare.start("refresh", stdin=subprocess.DEVNULL)
        assert bare.done("whoami") == "ada\n"
        ((code, err),) = ended([waiting])
        assert code == 9
        assert err.startswith("error: another contctl is changing the credentials")
        assert LOCK_WAIT - 2 < time.monotonic() - began < LOCK_WAIT + 15
    finally:
        holder.kill()
        holder.communicate(timeout=SECONDS)
    bare.done("refresh")
    assert bare.done("whoami") == "ada\n"
