"""What Alembic runs around the revisions."""

from alembic import context

from contctl.backends.sqlite.tables import Table

# Alembic takes SQLite's DDL for not transactional, and would commit each revision by itself.
context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Table.metadata,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
