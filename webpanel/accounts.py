"""People who sign in: their names, roles and passwords, and the links that let them set one.

A link is a token of 256 bits that is stored only as its hash, holds for a day, and is used up by
setting a password with it, never by looking at it. All writes go through the store.
"""

import hashlib
import secrets
import threading
import unicodedata
import uuid
from dataclasses import dataclass

from flask_security import hash_password, verify_password
from sqlalchemy import Connection, delete, func, insert, select, update

from webpanel.models import OneTimeLink, Role, User, db, roles_users
from webpanel.store import Store, from_now, now
from webpanel.wire.problem import Problem, Refused

ADMINISTRATOR, SENDER = "administrator", "sender"
ROLES = (ADMINISTRATOR, SENDER)

LINK_HOURS = 24
#: Characters of a password; the upper bound only keeps hashing quick.
SHORTEST_PASSWORD, LONGEST_PASSWORD = 10, 200
LONGEST_NAME = 64

#: Argon2 takes 64 MB for each password, on purpose: as many at once, whoever asks. The others wait.
HASHED_AT_ONCE = 2
_hashing = threading.BoundedSemaphore(HASHED_AT_ONCE)

_user, _role, _link = User.__table__, Role.__table__, OneTimeLink.__table__


@dataclass(frozen=True)
class Link:
    """What an unused link is for: a person's new password, or (no name) the first administrator."""

    name: str | None


def name_key(name: str) -> str:
    """What two spellings of one name have in common: ``Ada`` and ``ada`` are the same person."""
    return unicodedata.normalize("NFKC", name).strip().casefold()


def find(name: str) -> User | None:
    """The user with that name, in the request's session."""
    # In Python, because a database's idea of upper and lower case ends with ASCII; users are few.
    users = db.session.scalars(select(User))
    return next((user for user in users if name_key(user.username) == name_key(name)), None)


def check_password(user: User | None, password: str) -> bool:
    """Whether the password is that user's; takes as long for nobody, and for one who has none yet."""
    given = _normal(password[:LONGEST_PASSWORD])
    stored = user.password if user else None
    with _hashing:
        if not stored:
            hash_password(given)
            return False
        return verify_password(given, stored)


def setup_link(store: Store) -> str | None:
    """A new link for the first administrator, and the end of earlier ones; None once a user exists."""

    def group(connection: Connection) -> str | None:
        if _users(connection):
            return None
        connection.execute(delete(_link).where(_link.c.user_id.is_(None)))
        return _new_link(connection, None)

    return store.write(group)


def add_user(store: Store, name: str, role: str) -> str:
    """A user without a password, and the link to set one. Raises Refused (``name``, ``role``)."""
    typed = _checked_name(name)
    if role not in ROLES:
        raise Refused(Problem("role_unknown", "role", values={"roles": ", ".join(ROLES)}))
    return store.write(lambda connection: _new_link(connection, _insert_user(connection, typed, role, None)))


def reset_user(store: Store, name: str) -> str:
    """A link by which that user sets a new password; the old one holds until then.

    Raises Refused (``name``).
    """

    def group(connection: Connection) -> str:
        for user_id, username, active in connection.execute(
            select(_user.c.id, _user.c.username, _user.c.active)
        ):
            if name_key(username) == name_key(name):
                if not active:
                    raise Refused(Problem("user_inactive", "name", values={"name": username}))
                connection.execute(delete(_link).where(_link.c.user_id == user_id))
                return _new_link(connection, user_id)
        raise Refused(Problem("user_unknown", "name", values={"name": name.strip()}))

    return store.write(group)


def read_link(store: Store, token: str) -> Link | None:
    """What an unused link is for; None when it is used, too old or none at all. Uses nothing up."""
    with store.engine.connect() as connection:
        found = _found(connection, token)
        if found is None:
            return None
        return Link(connection.scalar(select(_user.c.username).where(_user.c.id == found.user_id)))


def redeem(store: Store, token: str, password: str, name: str = "") -> int:
    """Use a link up: sets the password, and ends the user's sessions; returns the user's id.

    ``name`` is asked for by the first administrator's link only. Raises Refused (``token``,
    ``password``, ``name``), and the link holds on.
    """
    link = read_link(store, token)
    if link is None:
        raise Refused(Problem("link_unusable", "token"))
    typed = _checked_name(name) if link.name is None else link.name
    hashed = _checked_password(password, typed)

    def group(connection: Connection) -> int:
        found = _found(connection, token)
        if found is None:
            raise Refused(Problem("link_unusable", "token"))
        connection.execute(delete(_link).where(_link.c.user_id.is_not_distinct_from(found.user_id)))
        if found.user_id is None:
            return _insert_user(connection, typed, ADMINISTRATOR, hashed)
        _set_password(connection, found.user_id, hashed)
        return found.user_id

    return store.write(group)


def change_password(store: Store, user: User, password: str) -> None:
    """Sets the password and ends every session of that user. Raises Refused (``password``)."""
    hashed = _checked_password(password, user.username)
    user_id = user.id
    store.write(lambda connection: _set_password(connection, user_id, hashed))


def set_role(store: Store, user_id: int, role: str, *, actor_id: int) -> None:
    """Raises Refused for one's own account, which keeps an administrator at hand."""
    if user_id == actor_id:
        raise Refused(Problem("own_account", "role"))
    if role not in ROLES:
        raise Refused(Problem("role_unknown", "role", values={"roles": ", ".join(ROLES)}))

    def group(connection: Connection) -> None:
        connection.execute(delete(roles_users).where(roles_users.c.user_id == user_id))
        _give_role(connection, user_id, role)

    store.write(group)


def set_active(store: Store, user_id: int, active: bool, *, actor_id: int) -> None:
    """Lets a user sign in, or not any more, and ends every session of theirs. Raises Refused for oneself."""
    if user_id == actor_id:
        raise Refused(Problem("own_account", "active"))

    def group(connection: Connection) -> None:
        connection.execute(
            update(_user).where(_user.c.id == user_id).values(active=active, fs_uniquifier=uuid.uuid4().hex)
        )
        connection.execute(delete(_link).where(_link.c.user_id == user_id))

    store.write(group)


def _checked_name(name: str) -> str:
    typed = unicodedata.normalize("NFKC", name).strip()
    if not typed:
        raise Refused(Problem("user_name_missing", "name"))
    if len(typed) > LONGEST_NAME:
        raise Refused(Problem("user_name_too_long", "name", values={"longest": LONGEST_NAME}))
    # Letters, marks and digits of any script: what cannot be confused with nothing, or with markup.
    if not all(unicodedata.category(char)[0] in "LMN" or char in ".-_@ " for char in typed):
        raise Refused(Problem("user_name_characters", "name"))
    return typed


def _checked_password(password: str, name: str) -> str:
    """The password's hash. Raises Refused (``password``)."""
    if len(password) < SHORTEST_PASSWORD:
        raise Refused(Problem("password_too_short", "password", values={"shortest": SHORTEST_PASSWORD}))
    if len(password) > LONGEST_PASSWORD:
        raise Refused(Problem("password_too_long", "password", values={"longest": LONGEST_PASSWORD}))
    if name_key(password) == name_key(name):
        raise Refused(Problem("password_is_name", "password"))
    if len(set(password)) == 1:
        raise Refused(Problem("password_one_character", "password"))
    with _hashing:
        return hash_password(_normal(password))


def _normal(password: str) -> str:
    # Keyboards send the same character composed or not.
    return unicodedata.normalize("NFKD", password)


def _hashed(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _new_link(connection: Connection, user_id: int | None) -> str:
    token = secrets.token_urlsafe(32)
    connection.execute(
        insert(_link).values(
            token_hash=_hashed(token),
            user_id=user_id,
            expires_at=from_now(LINK_HOURS * 3600),
        )
    )
    return token


def _found(connection: Connection, token: str):
    """The row of a link that may be used now, or None."""
    found = connection.execute(
        select(_link.c.user_id, _user.c.active)
        .outerjoin(_user, _user.c.id == _link.c.user_id)
        .where(_link.c.token_hash == _hashed(token), _link.c.expires_at > now(connection))
    ).first()
    if found is None or found.active is False or (found.user_id is None and _users(connection)):
        return None
    return found


def _users(connection: Connection) -> int:
    return connection.scalar(select(func.count()).select_from(_user)) or 0


def _insert_user(connection: Connection, name: str, role: str, hashed: str | None) -> int:
    taken = {name_key(username) for username in connection.scalars(select(_user.c.username))}
    if name_key(name) in taken:
        raise Refused(Problem("user_name_taken", "name"))
    user_id = connection.execute(
        insert(_user)
        .values(
            username=name,
            password=hashed,
            active=True,
            fs_uniquifier=uuid.uuid4().hex,
            created_at=now(connection),
        )
        .returning(_user.c.id)
    ).scalar_one()
    _give_role(connection, user_id, role)
    return user_id


def _give_role(connection: Connection, user_id: int, role: str) -> None:
    role_id = connection.scalars(select(_role.c.id).where(_role.c.name == role)).one()
    connection.execute(insert(roles_users).values(user_id=user_id, role_id=role_id))


def _set_password(connection: Connection, user_id: int, hashed: str) -> None:
    # A new identifier makes every cookie that was given out before worthless.
    connection.execute(
        update(_user).where(_user.c.id == user_id).values(password=hashed, fs_uniquifier=uuid.uuid4().hex)
    )
    connection.execute(delete(_link).where(_link.c.user_id == user_id))
