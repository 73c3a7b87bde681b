"""Where a secret could be left without anybody writing it."""

import re
from pathlib import Path

from tests.bounded import eventually
from tests.e2e.machine import Machine


def test_no_core_file_is_written(bare: Machine) -> None:
    bare.init()
    process = bare.start("login", "ada", "--password-stdin")
    limits = Path(f"/proc/{process.pid}/limits")
    try:
        eventually(
            lambda: re.search(r"Max core file size +[01] ", limits.read_text()) is not None,
            "core files are forbidden",
        )
    finally:
        process.kill()
        process.communicate(timeout=10)
