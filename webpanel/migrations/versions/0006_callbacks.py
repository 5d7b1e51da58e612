"""Callbacks: whom to tell of a message, what is told, and an application's address and secret for it."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Columns are added and no table is rebuilt: SQLite would forget which ids were given already.
    for column in (
        sa.Column("callback_url", sa.String(2000), nullable=False, server_default=""),
        sa.Column("callback_site", sa.String(270), nullable=False, server_default=""),
        sa.Column("callback_secret", sa.LargeBinary(), nullable=True),
        sa.Column("callback_secret_before", sa.LargeBinary(), nullable=True),
        sa.Column("callback_secret_until", sa.BigInteger(), nullable=True),
        sa.Column("callback_secret_shown_at", sa.BigInteger(), nullable=True),
        sa.Column("callback_failing_since", sa.BigInteger(), nullable=True),
        sa.Column("callback_off_at", sa.BigInteger(), nullable=True),
    ):
        op.add_column("application", column)
    op.create_table(
        "callback_target",
        sa.Column("message_id", sa.String(length=26), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("shown", sa.Text(), nullable=False),
        sa.Column("site", sa.String(length=270), nullable=False),
        sa.Column("mask", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["message_id"],
            ["message.id"],
            name=op.f("fk_callback_target_message_id_message"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_callback_target")),
    )
    op.create_table(
        "callback",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.String(length=26), nullable=False),
        sa.Column("application_id", sa.Integer(), nullable=True),
        sa.Column("own", sa.Boolean(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("site", sa.String(length=270), nullable=False),
        sa.Column("told_state", sa.String(length=12), nullable=False),
        sa.Column("told_at", sa.BigInteger(), nullable=False),
        sa.Column("told_reason", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("told_duplicate", sa.Boolean(), nullable=False),
        sa.Column("told_provider_id", sa.String(length=200), nullable=True),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("attempt_count", sa.Integer(), nullable=False),
        sa.Column("failure_count", sa.Integer(), nullable=False),
        sa.Column("lease_token", sa.String(length=32), nullable=True),
        sa.Column("lease_until", sa.BigInteger(), nullable=True),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["message_id"], ["message.id"], name=op.f("fk_callback_message_id_message"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_callback")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_callback_due",
        "callback",
        ["site", "due_at"],
        sqlite_where=sa.text("due_at IS NOT NULL"),
        postgresql_where=sa.text("due_at IS NOT NULL"),
    )
    op.create_index("ix_callback_message_id", "callback", ["message_id", "id"])
    op.create_index("ix_callback_application_id_state", "callback", ["application_id", "state", "id"])
    op.create_index(
        "ix_callback_lease",
        "callback",
        ["lease_until"],
        sqlite_where=sa.text("lease_until IS NOT NULL"),
        postgresql_where=sa.text("lease_until IS NOT NULL"),
    )
    op.create_table(
        "callback_attempt",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("callback_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("token", sa.String(length=32), nullable=False),
        sa.Column("shown", sa.Text(), nullable=True),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("finished_at", sa.BigInteger(), nullable=True),
        sa.Column("duration_ms", sa.Integer(), nullable=True),
        sa.Column("outcome", sa.String(length=8), nullable=True),
        sa.Column("reason", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("reply_status", sa.Integer(), nullable=True),
        sa.Column("reply", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["callback_id"],
            ["callback.id"],
            name=op.f("fk_callback_attempt_callback_id_callback"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_callback_attempt")),
        sa.UniqueConstraint("callback_id", "number", name="uq_callback_attempt_callback_id_number"),
        sa.UniqueConstraint("token", name=op.f("uq_callback_attempt_token")),
    )
