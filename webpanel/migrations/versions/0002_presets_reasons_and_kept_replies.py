"""Presets, the reason's rule and kept replies."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Columns are added and no table is rebuilt: SQLite would forget which ids were given already.
    op.add_column("gateway", sa.Column("reason_kind", sa.String(8), nullable=False, server_default="blank"))
    op.add_column("gateway", sa.Column("reason_rule", sa.Text(), nullable=False, server_default=""))
    op.add_column("gateway", sa.Column("preset", sa.String(64), nullable=False, server_default=""))
    op.add_column("gateway", sa.Column("preset_base", sa.JSON(none_as_null=True), nullable=True))
    op.create_table(
        "kept_reply",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("gateway_id", sa.Integer(), nullable=False),
        sa.Column("means", sa.String(length=8), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("head", sa.LargeBinary(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("cut", sa.Boolean(), nullable=False),
        sa.Column("kept_at", sa.BigInteger(), nullable=False),
        sa.Column("kept_by", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["gateway_id"], ["gateway.id"], name=op.f("fk_kept_reply_gateway_id_gateway"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kept_reply")),
    )
    op.create_index("ix_kept_reply_gateway_id", "kept_reply", ["gateway_id"])
