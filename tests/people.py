"""The functions of ``accounts`` as a terminal calls them."""

from flask import Flask

from webpanel import accounts
from webpanel.models import User


class People:
    """``people.add_user(...)`` is ``accounts.add_user(store, ...)``, each in a context of its own."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.store = app.extensions["webpanel"].store

    def __getattr__(self, name: str):
        return lambda *args, **kwargs: self.do(getattr(accounts, name), self.store, *args, **kwargs)

    def do(self, function, *args, **kwargs):
        with self.app.test_request_context(base_url="http://127.0.0.1:8000/"):
            return function(*args, **kwargs)

    def named(self, name: str) -> User:
        return self.do(accounts.find, name)

    def check(self, person: User | None, password: str) -> bool:
        return self.do(accounts.check_password, person, password)
