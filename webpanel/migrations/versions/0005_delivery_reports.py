"""Delivery reports: how each gateway reads them, those that came, and those that wait for their message."""

import secrets

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Columns are added and no table is rebuilt: SQLite would forget which ids were given already.
    for name, kind, default in (
        ("report_id_kind", sa.String(8), "blank"),
        ("report_id_rule", sa.Text(), ""),
        ("report_status_kind", sa.String(8), "blank"),
        ("report_status_rule", sa.Text(), ""),
        ("report_words", sa.Text(), ""),
        ("report_sign", sa.String(8), "none"),
        ("report_secret", sa.String(64), ""),
        ("report_header", sa.String(100), ""),
        ("report_answer", sa.String(200), ""),
    ):
        op.add_column("gateway", sa.Column(name, kind, nullable=False, server_default=default))
    op.add_column("gateway", sa.Column("report_token", sa.String(64), nullable=True))
    op.create_index("ix_gateway_report_token", "gateway", ["report_token"], unique=True)
    _give_tokens()
    op.create_index(
        "ix_message_provider",
        "message",
        ["gateway_id", "provider_message_id"],
        sqlite_where=sa.text("provider_message_id IS NOT NULL"),
        postgresql_where=sa.text("provider_message_id IS NOT NULL"),
    )
    op.create_table(
        "report_received",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("gateway_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("method", sa.String(length=8), nullable=False),
        sa.Column("message_id", sa.String(length=26), nullable=False),
        sa.Column("query", sa.LargeBinary(), nullable=False),
        sa.Column("content_type", sa.String(length=200), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("cut", sa.Boolean(), nullable=False),
        sa.Column("trouble", sa.JSON(), nullable=True),
        sa.Column("told", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["gateway_id"],
            ["gateway.id"],
            name=op.f("fk_report_received_gateway_id_gateway"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_received")),
    )
    op.create_index("ix_report_received_gateway_id_id", "report_received", ["gateway_id", "id"])
    op.create_table(
        "report_waiting",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("gateway_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("named", sa.String(length=200), nullable=False),
        sa.Column("word", sa.String(length=100), nullable=False),
        sa.Column("meaning", sa.String(length=12), nullable=False),
        sa.ForeignKeyConstraint(
            ["gateway_id"],
            ["gateway.id"],
            name=op.f("fk_report_waiting_gateway_id_gateway"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_waiting")),
    )
    op.create_index("ix_report_waiting_gateway_id_named", "report_waiting", ["gateway_id", "named"])
    op.create_index("ix_report_waiting_at", "report_waiting", ["at"])


def _give_tokens() -> None:
    """Each gateway that is there an address of its own."""
    gateway = sa.table("gateway", sa.column("id"), sa.column("report_token"))
    connection = op.get_bind()
    for gateway_id in connection.execute(sa.select(gateway.c.id)).scalars().all():
        token = secrets.token_urlsafe(32)
        connection.execute(sa.update(gateway).where(gateway.c.id == gateway_id).values(report_token=token))
