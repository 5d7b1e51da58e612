"""Where the programs are that tests/tools.sh makes sure of."""

import os
import shutil
from pathlib import Path

# What was unpacked goes first: it was, because what the machine has did not do.
_UNPACKED = Path(__file__).parents[1] / ".tools" / "bin"
_PLACES = os.pathsep.join([str(_UNPACKED), os.environ.get("PATH", ""), "/usr/sbin", "/sbin"])


def program(name: str) -> str:
    found = shutil.which(name, path=_PLACES)
    assert found, f"{name} is missing: run `make test`, which fetches it"
    return found
