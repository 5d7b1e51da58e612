"""Who may import whom, read from the imports themselves (DESIGN, "The house").

A room may import the rooms that stand after it in :data:`ROOMS` and are named for it; a module may
always import its own room.
"""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "webpanel"

#: What every room may use: the vocabulary and the settings of the program.
CORE = frozenset({"wire", "models"})

#: Room -> the other rooms that it may import. The first name of a module below ``webpanel``.
ROOMS: dict[str, frozenset[str]] = {
    # The pure core.
    "wire": frozenset(),
    "words": frozenset(),
    # Known providers: data files, and what reads them.
    "presets": frozenset({"wire"}),
    "config": frozenset(),
    "logs": frozenset(),
    # What is stored, and how.
    "models": frozenset({"wire"}),
    "migrations": frozenset({"models"}),
    "prepared": frozenset(),
    "commits": frozenset(),
    "store": CORE | {"commits", "prepared"},
    "instance": frozenset({"config"}),
    "database": frozenset({"config", "instance", "models"}),
    "vault": frozenset({"wire"}),
    # The sender's sign of life, for whoever asks whether anything is sent.
    "heartbeat": frozenset({"instance"}),
    # What is done.
    "sending": CORE | {"prepared", "store", "vault", "callbacks"},
    # How everything flows: what dashboard, banner, probes and metrics tell alike.
    "figures": CORE | {"prepared", "store", "sending"},
    # What must be true of the tables, for the doctor and for the tests that kill the panel.
    "invariants": CORE | {"store", "sending"},
    # Programs that send, what they used, and which gateway a message takes.
    "usage": CORE | {"prepared", "store"},
    "application_terms": CORE | {"usage"},
    "applications": CORE | {"prepared", "store", "application_terms"},
    "routing": CORE | {"prepared", "vault"},
    # Telling callers what became of their messages: its own queue and threads, no part of sending.
    "callbacks": CORE | {"prepared", "store", "vault"},
    "intake": CORE
    | {
        *("prepared", "store", "vault", "application_terms", "applications", "usage", "routing"),
        "callbacks",
    },
    # What providers answered, as examples of what rules must say.
    "replies": CORE | {"store", "presets"},
    "gateway_secrets": CORE | {"vault"},
    "gateways": CORE | {"gateway_secrets", "store", "vault", "replies", "callbacks"},
    "gateway_file": CORE | {"vault"},
    "importing": CORE | {"gateway_secrets", "gateway_file", "gateways"},
    # Examines a panel from outside, also a broken one.
    "doctor": CORE
    | {
        *("config", "instance", "database", "heartbeat", "invariants", "store", "sending", "vault"),
        *("gateway_secrets", "rotation"),
    },
    "accounts": CORE | {"store"},
    "panel": CORE | {"store"},
    # Callers that wait for an outcome: told by sending, asked by the API.
    "waiting": CORE,
    "rotation": CORE | {"store", "vault"},
    # The parts of one running panel, for whoever needs them all.
    "services": frozenset({"config", "store", "vault", "sending", "waiting", "callbacks", "figures"}),
    # The same figures for a program that watches.
    "metrics": CORE | {"store", "figures", "heartbeat", "words"},
    # The edges.
    "gateway_fields": frozenset({"wire"}),
    "delivery_fields": frozenset({"gateway_fields"}),
    "report_fields": frozenset({"wire", "gateway_fields"}),
    "forms": CORE | {"words", "gateway_fields", "delivery_fields", "report_fields", "vault"},
    "account_forms": CORE | {"words", "accounts"},
    "secret_form": CORE | {"words", "gateway_secrets", "vault"},
    "preset_form": CORE | {"presets", "forms", "secret_form", "vault"},
    "api": CORE
    | {
        *("words", "config", "store", "vault", "sending", "intake", "application_terms", "applications"),
        *("usage", "services", "waiting", "callbacks"),
    },
    "doors": CORE
    | {
        *("words", "store", "intake", "applications", "application_terms", "services", "api"),
        "callbacks",
    },
    # Calls to copy, which pages and terminal print alike.
    "ready_calls": frozenset(),
    "application_forms": CORE | {"words", "account_forms", "application_terms", "applications"},
    "views": CORE
    | {
        *("words", "config", "store", "vault", "sending", "intake", "gateways", "accounts", "panel"),
        *("gateway_secrets", "services", "forms", "account_forms", "secret_form", "presets", "preset_form"),
        *("gateway_file", "importing", "replies", "application_terms", "applications", "usage"),
        # The reference is rendered from the API's own table.
        *("figures", "heartbeat", "metrics", "front"),
        *("application_forms", "ready_calls", "api", "doors", "callbacks"),
        # A gateway's page shows the address at which it is reported to.
        "report_door",
    },
    # Where providers report what became of messages: no page, and no door for applications.
    "report_door": CORE | {"prepared", "store", "sending", "services", "vault"},
    "front": frozenset({"config"}),
    "server": frozenset({"config"}),
    # A program of its own: it knows nothing of the panel.
    "demo_provider": frozenset(),
    "demo": frozenset({"wire", "services", "gateways"}),
}
#: Those that put the rooms together may import any: the factory and the command line.
ASSEMBLY = frozenset(
    {
        "__init__",
        "__main__",
        "application_commands",
        "cli",
        "doctor_commands",
        "gateway_commands",
        "gateway_planned",
        "terminal",
    }
)

#: The libraries of the pure core.
WIRE_LIBRARIES = frozenset({"phonenumbers", "jmespath", "re2"})
#: The rooms that must work where no request is being served.
WITHOUT_A_REQUEST = (
    "wire",
    "presets",
    "models",
    "prepared",
    "commits",
    "store",
    "vault",
    "sending",
    "figures",
    "callbacks",
    "intake",
    "usage",
    "application_terms",
    "applications",
    "routing",
    "gateways",
    "replies",
    "config",
    "instance",
)

Import = ast.Import | ast.ImportFrom


def modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def room(module: Path) -> str:
    return module.relative_to(PACKAGE).with_suffix("").parts[0]


def imports(module: Path) -> Iterator[tuple[Import, str]]:
    """Each import of a module with the dotted names that it asks for."""
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module}: a relative import hides the room it reaches into"
            # `from webpanel import vault` names a room only together with what is imported.
            yield from ((node, f"{node.module}.{alias.name}") for alias in node.names)


def rooms_used(module: Path) -> set[str]:
    names = (name.split(".") for _, name in imports(module) if name.split(".")[0] == "webpanel")
    return {name[1] if _is_room(name[1]) else "__init__" for name in names}


def _is_room(name: str) -> bool:
    return (PACKAGE / name).is_dir() or (PACKAGE / f"{name}.py").is_file()


def violations(used: dict[str, set[str]]) -> list[str]:
    """What in ``used`` (room -> rooms it imports) the house does not allow."""
    found = []
    for name, others in sorted(used.items()):
        if name in ASSEMBLY:
            continue
        if name not in ROOMS:
            found.append(f"webpanel/{name} is no room that the house knows: say why it exists in ROOMS")
            continue
        found += [f"{name} may not import {other}" for other in sorted(others - {name} - ROOMS[name])]
    return found


def test_rooms_import_only_what_they_may() -> None:
    used: dict[str, set[str]] = {}
    for module in modules():
        used.setdefault(room(module), set()).update(rooms_used(module))
    assert violations(used) == []


@pytest.mark.parametrize(
    ("used", "said"),
    [
        ({"wire": {"models"}}, "wire may not import models"),
        ({"sending": {"intake"}}, "sending may not import intake"),
        ({"models": {"__init__"}}, "models may not import __init__"),
        ({"intake": {"views"}}, "intake may not import views"),
        ({"helpers": set()}, "webpanel/helpers is no room that the house knows: say why it exists in ROOMS"),
    ],
)
def test_a_breach_would_be_found(used: dict[str, set[str]], said: str) -> None:
    assert violations(used) == [said]


def test_there_are_no_circles() -> None:
    done: set[str] = set()
    left = dict(ROOMS)
    while left:
        free = {name for name, others in left.items() if others <= done}
        assert free, f"a circle among {sorted(left)}"
        done |= free
        left = {name: others for name, others in left.items() if name not in free}


def test_the_core_uses_the_standard_library_and_three_more() -> None:
    known = sys.stdlib_module_names | WIRE_LIBRARIES | {"webpanel"}
    used = {
        (module.name, name.split(".")[0])
        for module in modules()
        if room(module) == "wire"
        for _, name in imports(module)
    }
    assert [pair for pair in sorted(used) if pair[1] not in known] == []


def test_one_module_knows_requests() -> None:
    users = {
        module.relative_to(PACKAGE).as_posix()
        for module in modules()
        for _, name in imports(module)
        if name.split(".")[0] == "requests"
    }
    assert users <= {"sending/transport.py"}


def test_the_rooms_behind_the_edges_know_no_request_and_no_template() -> None:
    used = {
        (module.relative_to(PACKAGE).as_posix(), name)
        for module in modules()
        if room(module) in WITHOUT_A_REQUEST
        for _, name in imports(module)
        if name.split(".")[0] in ("flask", "jinja2", "flask_wtf", "wtforms", "flask_babel")
    }
    assert used == set()


@pytest.mark.parametrize("module", modules(), ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_imports_stand_at_the_top(module: Path) -> None:
    tree = ast.parse(module.read_text(encoding="utf-8"))
    inside = [
        node.lineno
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    assert inside == [], f"{module.name}: an import inside a function hides a circle"


def test_no_module_is_a_drawer_for_everything() -> None:
    drawers = {"utils", "helpers", "common", "manager", "base", "misc"}
    assert [module for module in modules() if module.stem in drawers or room(module) in drawers] == []
