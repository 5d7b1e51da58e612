"""Words for what is wrong with a name, a password or a link (codes of accounts and its pages)."""

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

SENTENCES: dict[str, LazyString] = {
    "sign_in_failed": _l("Name or password is wrong, or the account is switched off."),
    "user_name_missing": _l("Type a name."),
    "user_name_too_long": _l("The name may have %(longest)s characters at most."),
    "user_name_characters": _l("A name is made of letters, digits, blanks and . - _ @ only."),
    "user_name_taken": _l("Somebody has this name already; choose a different one."),
    "user_unknown": _l("There is no user named “%(name)s”."),
    "user_inactive": _l("“%(name)s” is switched off; let them sign in again first."),
    "role_unknown": _l("There is no such role; the roles are: %(roles)s."),
    "own_account": _l("This is your own account: another administrator has to do that."),
    "password_too_short": _l("At least %(shortest)s characters, please: a longer one is harder to guess."),
    "password_too_long": _l("%(longest)s characters at most, please."),
    "password_is_name": _l("Your name is the first thing that somebody tries; choose something else."),
    "password_one_character": _l("One character over and over is too easy to guess."),
    "password_wrong": _l("This is not your present password."),
    "password_not_repeated": _l("The two are not the same; type it twice alike."),
    "link_unusable": _l("This link was used already, is older than a day, or is not complete."),
}
