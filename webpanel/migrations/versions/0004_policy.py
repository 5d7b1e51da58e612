"""Retries, pace, pauses and failover of gateways."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # As in 0002: columns are added and no table is rebuilt.
    def add(name: str, kind: sa.types.TypeEngine, default: str | None = None) -> None:
        op.add_column("gateway", sa.Column(name, kind, nullable=default is None, server_default=default))

    add("retry_delays", sa.Text(), "10 s, 30 s, 2 min, 10 min, 30 min, 1 h, 2 h, 4 h")
    add("urgent_retry_delays", sa.Text(), "3 s, 10 s, 20 s, 40 s, 1 min")
    add("pace", sa.Double(), "0")
    add("next_gateway", sa.String(100), "")
    add("failover_after", sa.Double(), "300")
    add("request_number", sa.String(200), "")
    add("paused_reason", sa.JSON(none_as_null=True))
    add("failing_since", sa.BigInteger())
    add("held_at", sa.BigInteger())
    add("held_by", sa.String(64), "")
    add("paced_until", sa.Double())
