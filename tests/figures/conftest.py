"""The tables of a panel, without the panel."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sending.panel import open_engine
from webpanel.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    engine = open_engine(tmp_path / "webpanel.sqlite")
    store = Store(engine)
    yield store
    store.close()
    engine.dispose()
