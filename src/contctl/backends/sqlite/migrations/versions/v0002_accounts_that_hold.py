"""CI tokens, failed logins, and the chain of the audit log."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add tables and columns; what is there stays as it is."""
    _ci_tokens()
    _login_failures()
    _audit()
    op.execute("PRAGMA user_version = 2")


def _ci_tokens() -> None:
    op.create_table(
        "ci_tokens",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("user_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("created_at", sa.Integer(), nullable=False),
        sa.Column("expires_at", sa.Integer(), nullable=False),
        sa.Column("revoked_at", sa.Integer(), nullable=True),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("names", sa.String(), nullable=False),
        sa.Column("labels", sa.String(), nullable=False),
        sa.Column("engine", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_ci_tokens"),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name="fk_ci_tokens_user_id", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_ci_tokens_user_id", "ci_tokens", ["user_id"])


def _login_failures() -> None:
    op.create_table(
        "login_failures",
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("peer", sa.String(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_at", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("account", "peer", name="pk_login_failures"),
    )


def _audit() -> None:
    op.create_table(
        "audit_segments",
        sa.Column("number", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("key_id", sa.String(), nullable=False),
        sa.Column("first", sa.Integer(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=True),
        sa.Column("head", sa.LargeBinary(), nullable=True),
        sa.Column("sealed_at", sa.Integer(), nullable=True),
        sa.Column("seal", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("number", name="pk_audit_segments"),
    )
    # SQLite adds columns in place: the log is not written again, however long it is.
    op.add_column("audit", sa.Column("token_id", sa.String(), nullable=False, server_default=""))
    op.add_column("audit", sa.Column("mac", sa.LargeBinary(), nullable=True))
    op.create_index(
        "ix_audit_intent", "audit", ["intent"], sqlite_where=sa.text("intent IS NOT NULL")
    )
