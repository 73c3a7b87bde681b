"""Schema migrations, run by Alembic from inside the package.

A revision is a module in `versions`; its last statement sets `PRAGMA user_version`, and
`connection.SCHEMA_VERSION` names the newest.
"""

import threading

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection

# Package and folder, so that it is found wherever the package is installed.
LOCATION = "contctl.backends.sqlite:migrations"
_one_at_a_time = threading.Lock()
"""Alembic keeps the migration that runs in module-level names."""


def upgrade(connection: Connection, revision: str = "head") -> None:
    """Bring the schema to `revision` inside the transaction that `connection` is in."""
    config = Config()
    config.set_main_option("script_location", LOCATION)
    config.attributes["connection"] = connection
    with _one_at_a_time:
        command.upgrade(config, revision)
