"""Key rotation with the installed command."""

import json
import subprocess

from tests.e2e.machine import SECONDS, Machine


def key_ids(machine: Machine) -> list[str]:
    """The ids of the keys in the file."""
    path = machine.home / "contctl" / "keys" / "signing.json"
    return list(json.loads(path.read_text())["keys"])


def test_refreshes_while_keys_rotate(bare: Machine) -> None:
    bare.init()
    arguments = [("refresh",)] * 12 + [("key", "rotate")] * 3
    processes = [bare.start(*args, stdin=subprocess.DEVNULL) for args in arguments]
    ends = [(process.communicate(timeout=2 * SECONDS)[1], process.returncode)
            for process in processes]  # fmt: skip
    assert [end for end in ends if end[1] != 0] == []
    assert len(key_ids(bare)) == 4
    assert bare.done("whoami") == "ada\n"
    bare.done("refresh")
    assert bare.done("whoami") == "ada\n"


def test_an_emergency(bare: Machine) -> None:
    bare.init()
    before = key_ids(bare)
    result = bare.run("key", "rotate", "--emergency")
    assert (result.code, result.out) == (0, "")
    assert "sessions that were ended: 1" in result.err
    assert len(key_ids(bare)) == 1
    assert key_ids(bare) != before
    for command in ("whoami", "refresh", "ps"):
        result = bare.run(command)
        assert (result.code, result.out) == (4, ""), result.err
        assert result.err.endswith("hint: run 'contctl login'\n")
    bare.login("ada")
    assert bare.done("whoami") == "ada\n"


def test_a_damaged_key_file_is_left_as_it_is(bare: Machine) -> None:
    bare.init()
    path = bare.home / "contctl" / "keys" / "signing.json"
    path.write_text('{"current": "a", "keys": {}}')
    result = bare.run("key", "rotate")
    assert (result.code, result.out) == (9, "")
    assert path.read_text() == '{"current": "a", "keys": {}}'
