"""What others wait for is short: what takes long to load is loaded before the lock is taken."""

import json
import subprocess
import sys
from pathlib import Path

from tests.adversarial.homes import no_engine
from tests.e2e.machine import SECONDS


def test_a_refresh_loads_the_store_before_it_locks_the_credentials(tmp_path: Path) -> None:
    machine = no_engine(tmp_path)
    machine.init()
    done = subprocess.run(
        [sys.executable, "-m", "tests.startup.imported_under_lock"],
        env=machine.environment(),
        cwd=Path(__file__).parents[2],
        capture_output=True,
        check=True,
        timeout=SECONDS,
    )
    before, under = json.loads(done.stdout)
    assert "sqlmodel" in before
    assert "contctl.core.services.tokens" in under
    assert not {"sqlmodel", "sqlalchemy", "pydantic"} & set(under)
