"""Where "Add gateway" leads: the providers that are known, and the ways for all others."""

from flask import render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from webpanel.forms import worded
from webpanel.models import Gateway, db
from webpanel.views.gateways.blueprint import bp
from webpanel.views.gateways.draft import wants_fragment
from webpanel.views.gateways.known import catalogue, own_folder
from webpanel.views.visible import visible

#: Characters of a search.
LONGEST = 100
#: As the column ``Gateway.name``.
LONGEST_NAME = 100
#: Of one file's faults so many are told at once.
MOST_FAULTS = 5


@bp.get("/add")
def add() -> ResponseReturnValue:
    """The chooser; ``q`` holds the words that are searched for."""
    words = request.args.get("q", "")[:LONGEST].strip()
    known = catalogue()
    template = "gateways/_providers.html" if wants_fragment() else "gateways/add.html"
    return render_template(
        template,
        q=words,
        providers=known.search(words) if words else known.presets,
        faults=[
            (fault.file, [visible(worded(each, in_lines=True)) for each in fault.problems[:MOST_FAULTS]])
            for fault in known.faults
        ],
        own_folder=own_folder(),
    )


def free_name(wanted: str) -> str:
    """``wanted``, with a number behind it where a gateway is called so already."""
    taken = {name.casefold() for name in db.session.scalars(select(Gateway.name))}
    wanted = wanted[:LONGEST_NAME].strip()
    name, number = wanted, 1
    while name.casefold() in taken:
        number += 1
        name = f"{wanted[: LONGEST_NAME - 5]} {number}"
    return name
