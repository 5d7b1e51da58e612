"""``webpanel application``: what it tells of the programs that may send."""

from pathlib import Path

from sqlalchemy import update

from tests.calling import ANY_KEY, add_application
from tests.instances import opened
from tests.server import webpanel
from webpanel import applications
from webpanel.models import ApplicationKey, db
from webpanel.store import from_now


def test_only_keys_that_still_work_are_counted(tmp_path: Path) -> None:
    with opened(tmp_path) as app:
        add_application(app)
        store = app.extensions["webpanel"].store
        for _more in range(3):
            applications.add_key(store, 1, ANY_KEY, "ada")
        applications.revoke(store, 1, 2)
        with app.app_context():
            db.session.execute(
                update(ApplicationKey).where(ApplicationKey.id == 3).values(expires_at=from_now(-1))
            )
            db.session.commit()
    assert webpanel(tmp_path, "application", "list").stdout == "School\t2\n"
