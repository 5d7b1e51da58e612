import pytest
from flask import Flask

from tests.reports.panel import ReportingPanel


@pytest.fixture
def panel(app: Flask) -> ReportingPanel:
    return ReportingPanel(app)
