"""Applications, their keys and what they used; what a message may say beside number and text."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Columns are added and no table is rebuilt: SQLite would forget which ids were given already.
    op.add_column("panel", sa.Column("time_zone", sa.String(64), nullable=False, server_default="UTC"))
    op.add_column("gateway", sa.Column("destinations", sa.Text(), nullable=False, server_default=""))
    for column in (
        sa.Column("application_id", sa.Integer(), nullable=True),
        sa.Column("reference", sa.String(200), nullable=True),
        sa.Column("sensitive", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("sealed_text", sa.LargeBinary(), nullable=True),
        sa.Column("priority", sa.Integer(), nullable=False, server_default="1"),
        sa.Column("on_ambiguous", sa.String(8), nullable=True),
    ):
        op.add_column("message", column)
    op.create_index("ix_message_application_id_id", "message", ["application_id", "id"])
    op.create_index(
        "ix_message_waiting",
        "message",
        ["gateway_id", "priority", "due_at"],
        sqlite_where=sa.text("due_at IS NOT NULL"),
        postgresql_where=sa.text("due_at IS NOT NULL"),
    )
    op.create_table(
        "application",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("created_by", sa.String(length=64), nullable=False),
        sa.Column("gateways", sa.JSON(), nullable=True),
        sa.Column("countries", sa.String(length=1000), nullable=False),
        sa.Column("per_minute", sa.Integer(), nullable=False),
        sa.Column("parts_per_day", sa.Integer(), nullable=False),
        sa.Column("parts_per_month", sa.Integer(), nullable=False),
        sa.Column("per_recipient_hour", sa.Integer(), nullable=False),
        sa.Column("most_parts", sa.Integer(), nullable=False),
        sa.Column("test_state", sa.String(length=12), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("valid_for", sa.Integer(), nullable=False),
        sa.Column("sensitive", sa.Boolean(), nullable=False),
        sa.Column("sender", sa.String(length=200), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("gateway_id", sa.Integer(), nullable=True),
        sa.Column("door_get", sa.Boolean(), nullable=False),
        sa.Column("door_kannel", sa.Boolean(), nullable=False),
        sa.Column("door_twilio", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["gateway_id"],
            ["gateway.id"],
            name=op.f("fk_application_gateway_id_gateway"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_application")),
        sa.UniqueConstraint("name", name=op.f("uq_application_name")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "application_key",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("application_id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("key_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("may_send", sa.Boolean(), nullable=False),
        sa.Column("may_read", sa.Boolean(), nullable=False),
        sa.Column("may_read_all", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("created_by", sa.String(length=64), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.Column("last_used_at", sa.BigInteger(), nullable=True),
        sa.Column("accepted", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["application.id"],
            name=op.f("fk_application_key_application_id_application"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_application_key")),
        sa.UniqueConstraint("public_id", name=op.f("uq_application_key_public_id")),
    )
    op.create_index("ix_application_key_application_id", "application_key", ["application_id"])
    op.create_table(
        "usage",
        sa.Column("application_id", sa.Integer(), nullable=False),
        sa.Column("scope", sa.String(length=9), nullable=False),
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("starts_at", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["application.id"],
            name=op.f("fk_usage_application_id_application"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("application_id", "scope", "subject", "starts_at", name=op.f("pk_usage")),
    )
    op.create_table(
        "answered",
        sa.Column("application_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("request_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("results", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["application.id"],
            name=op.f("fk_answered_application_id_application"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("application_id", "key", name=op.f("pk_answered")),
    )
    op.create_index("ix_answered_created_at", "answered", ["created_at"])
