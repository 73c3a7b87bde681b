"""Accounts: guessing passwords, finding out who there is, odd names, SQL, and promoting oneself."""

import secrets
import sqlite3
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from contctl.core.domain.secret import Secret
from contctl.core.errors import ContctlError, ErrorCode
from devtools.secret_service import SecretService
from tests.adversarial.homes import accounts, credential_file, database, in_process, no_engine, rows
from tests.adversarial.refusals import assert_one_error, assert_refused
from tests.e2e.machine import PASSWORD, SECONDS, Machine

# Two hundred users are asked for twice, and fifty processes run at once.
pytestmark = pytest.mark.timeout(400)

LINE = PASSWORD.encode()
WRONG = b"a wrong long password"
PARALLEL = 50
USERS = 200
SQL = ("' OR '1'='1", "x'; DROP TABLE users; --", '" UNION SELECT password_hash FROM users --', "%")


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Machine:
    """A machine with the admin `ada`, who is logged in, and `eve`, a developer."""
    machine = no_engine(tmp_path_factory.mktemp("accounts"))
    machine.init()
    machine.done("user", "add", "eve", "--role", "developer", "--password-stdin", stdin=LINE)
    return machine


@pytest.fixture
def unchanged(target: Machine) -> Iterator[None]:
    """No account, hash or grant is another one afterwards, and `ada` is logged in."""
    before = accounts(target)
    yield
    assert accounts(target) == before
    assert target.done("whoami") == "ada\n"


def login(machine: Machine, name: str, password: bytes) -> tuple[int, str, str]:
    """How a login ends."""
    result = machine.run("login", name, "--password-stdin", stdin=password)
    return result.code, result.out, result.err


@pytest.mark.usefixtures("unchanged")
def test_brute_force_in_parallel(target: Machine) -> None:
    """Each attempt is refused in the same words, and each is on record."""
    count = "SELECT count(*) FROM audit WHERE action = 'session:login' AND phase = 'outcome'"
    ((before,),) = rows(target, count)
    running = [target.start("login", "eve", "--password-stdin") for _ in range(PARALLEL)]
    ends = set()
    for process in running:
        out, err = process.communicate(WRONG, timeout=4 * SECONDS)
        ends.add((process.returncode, out, err))
    assert len(ends) == 1, ends
    ((code, out, err),) = ends
    assert (code, out) == (4, b"")
    assert err.startswith(b"error: ")
    assert rows(target, count) == [(before + PARALLEL,)]


@pytest.mark.usefixtures("unchanged")
def test_enumeration_by_text(target: Machine) -> None:
    target.done("user", "add", "off", "--password-stdin", stdin=LINE)
    target.done("user", "disable", "off")
    attempts = (("eve", WRONG), ("nobody", WRONG), ("off", WRONG), ("off", LINE), ("nobody", LINE))
    ends = {login(target, name, password) for name, password in attempts}
    ((code, out, err),) = ends
    assert (code, out) == (4, "")
    assert err.startswith("error: wrong user name or password\n")
    target.done("user", "rm", "off")


@pytest.mark.usefixtures("unchanged")
def test_enumeration_by_lock_out(target: Machine) -> None:
    """After many failures an account that is there answers as one that is not."""
    names = [f"there{secrets.token_hex(2)}", f"absent{secrets.token_hex(2)}"]
    target.done("user", "add", names[0], "--password-stdin", stdin=LINE)
    for _ in range(8):
        there, absent = (login(target, name, WRONG) for name in names)
        assert there == absent
        assert there[0] == 4
    target.done("user", "rm", names[0])


def test_enumeration_by_time(tmp_path: Path) -> None:
    """Users who are there and names who are not are asked for in turn; the medians are alike."""
    machine = no_engine(tmp_path)
    machine.init()
    api = in_process(machine)
    api.users.add("seed", Secret(PASSWORD), None)
    _copy_user(machine, "seed", [f"user{number}" for number in range(USERS)])
    there: list[float] = []
    absent: list[float] = []
    for number in range(USERS):
        for name, times in ((f"user{number}", there), (f"none{number}", absent)):
            began = time.perf_counter()
            with pytest.raises(ContctlError) as caught:
                api.sessions.login(name, Secret(WRONG.decode()), None)
            times.append(time.perf_counter() - began)
            assert caught.value.code is ErrorCode.NOT_AUTHENTICATED
    ratio = statistics.median(there) / statistics.median(absent)
    print(f"{USERS} users and {USERS} names: medians of {statistics.median(there) * 1000:.1f} ms")
    assert 0.8 < ratio < 1.25


def _copy_user(machine: Machine, pattern: str, names: list[str]) -> None:
    """Make users with the password of `pattern`, without the price of a hash for each."""
    with closing(sqlite3.connect(database(machine))) as connection:
        select = "SELECT password_hash, enabled, created_at FROM users WHERE name = ?"
        found = connection.execute(select, (pattern,)).fetchone()
        insert = (
            "INSERT INTO users (id, name, password_hash, enabled, created_at) VALUES (?,?,?,?,?)"
        )
        connection.executemany(insert, [(secrets.token_hex(16), name, *found) for name in names])
        connection.commit()


@pytest.mark.usefixtures("unchanged")
def test_a_password_typed_as_the_user_name(target: Machine) -> None:
    code, out, _ = login(target, PASSWORD.replace(" ", "-"), LINE)
    assert (code, out) == (4, "")
    assert PASSWORD.replace(" ", "-").encode() not in database(target).read_bytes()


LOOKALIKES = ("Ada", "ADA", "\u0430da", "a\u200bda", "\uff41da", "ada\u0301", "ada ", " ada")
NO_NAMES = (
    "", "-", "..", "a/b", "root:", "ada@host", "a" * 65, "a\nb", "a\x1b[31m", "a\u202eb", "\udcff",
)  # fmt: skip


@pytest.mark.usefixtures("unchanged")
def test_odd_user_names(target: Machine) -> None:
    """Names are ASCII a-z 0-9 . _ - only, so that no two of them look alike."""
    for name in LOOKALIKES + NO_NAMES:
        result = target.run("user", "add", "--password-stdin", "--", name, stdin=LINE)
        assert_refused(result, 2, "not a user name")
        assert result.err.splitlines()[0].isprintable()


@pytest.mark.usefixtures("unchanged")
def test_odd_user_names_are_nobodys(target: Machine) -> None:
    for name in LOOKALIKES:
        result = target.run("login", "--password-stdin", "--", name, stdin=LINE)
        assert_refused(result, 4, "wrong user name or password")


def test_an_odd_name_is_nobodys_on_a_new_machine(tmp_path: Path) -> None:
    machine = no_engine(tmp_path)
    result = machine.run("init", "--username", "\u0430da", "--password-stdin", stdin=LINE)
    assert_refused(result, 2, "not a user name")
    assert not (tmp_path / "contctl" / "contctl.db").exists()


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize("sql", SQL)
def test_sql_in_every_field(target: Machine, sql: str) -> None:
    for args, code in (
        (("login", sql, "--password-stdin"), 4),
        (("user", "add", sql, "--password-stdin"), 2),
        (("user", "show", sql), 3),
        (("user", "grant", sql, "admin"), 3),
        (("user", "grant", "eve", sql), 2),
        (("user", "revoke", "eve", sql), 3),
        (("session", "revoke", sql), 3),
        (("session", "ls", "--user", sql), 3),
        (("auth", "can-i", "container:list", "--as", sql), 3),
        (("stop", sql), 7),
        (("ps", "--filter", f"name={sql}"), 7),
    ):
        assert_refused(target.run(*args, stdin=LINE), code)


@pytest.mark.usefixtures("unchanged")
def test_huge_and_nul_passwords(target: Machine) -> None:
    began = time.monotonic()
    for password in (
        b"x" * 1025,
        "\u00e9".encode() * 600,
        b"a password with a \0 in it",
        b"\xff" * 20,
    ):
        add = target.run("user", "add", "bob", "--password-stdin", stdin=password)
        assert_refused(add, 2)
        assert login(target, "ada", password)[:2] in ((2, ""), (4, ""))
    for password in (b"x" * 50_000_000, b"\n" * 100_000, b""):
        assert_refused(target.run("user", "passwd", "--password-stdin", stdin=password), 2)
    assert time.monotonic() - began < SECONDS


def test_a_password_of_64_characters_of_any_kind_is_kept_whole(target: Machine) -> None:
    password = "\u65e5\u672c \u00e9\u0301 \U0001f511 '\"; --\\ ".ljust(64, "x").encode()
    target.done("user", "add", "mia", "--password-stdin", stdin=password)
    assert login(target, "mia", password[:-1])[0] == 4
    assert login(target, "mia", password)[0] == 0
    target.login("ada")
    target.done("user", "rm", "mia")


@pytest.mark.usefixtures("unchanged")
def test_every_self_promotion(target: Machine) -> None:
    ((ada,),) = rows(target, "SELECT id FROM sessions WHERE revoked_at IS NULL")
    ((grant,),) = rows(target, "SELECT id FROM grants WHERE role = 'admin'")
    path = credential_file(target)
    of_ada = path.read_bytes()
    # Taken away, and not logged out: her session goes on.
    path.unlink()
    target.login("eve")
    for args in (
        ("user", "grant", "eve", "admin"),
        ("user", "grant", "eve", "viewer"),
        ("user", "add", "mal", "--role", "admin", "--password-stdin"),
        ("user", "passwd", "ada", "--password-stdin"),
        ("user", "disable", "ada"),
        ("user", "enable", "eve"),
        ("user", "revoke", "ada", grant),
        ("user", "rm", "ada"),
        ("user", "ls"),
        ("user", "show", "ada"),
        ("session", "ls", "--user", "ada"),
        ("auth", "can-i", "container:list", "--as", "ada"),
        ("audit", "ls"),
    ):
        assert_refused(target.run(*args, stdin=LINE), 5, "eve lacks ")
    assert_refused(target.run("session", "revoke", ada), 3)
    init = target.run("init", "--username", "eve", "--password-stdin", stdin=LINE)
    assert_refused(init, 6, "initialised")
    assert target.run("auth", "can-i", "user:manage").code == 1
    path.write_bytes(of_ada)


@pytest.mark.keyring
def test_removal_of_the_last_admin_from_both_sides_at_once(
    tmp_path: Path, start_secret_service: Callable[[SecretService], SecretService]
) -> None:
    """Two admins with a keyring each, on one store, put each other out with 25 processes each."""
    people = {}
    for name in ("ada", "eve"):
        service = start_secret_service(SecretService())
        people[name] = Machine(tmp_path, {**service.environ, "HOME": str(tmp_path)})
    people["ada"].init()
    add = ("user", "add", "eve", "--role", "admin", "--password-stdin")
    people["ada"].done(*add, stdin=LINE)
    people["eve"].login("eve")
    of = "SELECT g.id FROM grants g JOIN users u ON u.id = g.user_id WHERE u.name = '{}'"
    grants = {name: rows(people[name], of.format(name))[0][0] for name in people}
    running = []
    for number in range(25):
        for name, other in (("ada", "eve"), ("eve", "ada")):
            attacks = (("disable", other), ("revoke", other, grants[other]), ("rm", other))
            running.append(people[name].start("user", *attacks[number % 3]))
    codes = set()
    for process in running:
        out, err = process.communicate(timeout=300)
        codes.add(process.returncode)
        if process.returncode:
            assert out == b""
            assert_one_error(err.decode())
    # Done; the other is gone already; nobody any more; no longer an admin; the last one; the
    # keyring or the database kept it waiting for too long.
    assert codes <= {0, 3, 4, 5, 6, 9}, codes
    assert codes & {4, 5, 6}, codes
    admins = rows(
        people["ada"],
        "SELECT u.name FROM users u JOIN grants g ON g.user_id = u.id "
        "WHERE u.enabled AND g.role = 'admin'",
    )
    assert len(admins) == 1, admins
    ((left,),) = admins
    people[left].login(left)
    assert people[left].done("whoami") == f"{left}\n"
