from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sending.counting import CountingProvider
from tests.sending.panel import SendingPanel, running


@pytest.fixture
def panel(tmp_path: Path) -> Iterator[SendingPanel]:
    with running(tmp_path) as panel:
        yield panel


@pytest.fixture
def provider() -> Iterator[CountingProvider]:
    with CountingProvider() as provider:
        yield provider
