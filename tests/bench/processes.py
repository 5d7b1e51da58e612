"""Servers of a benchmark, each in a process of its own: what they cost is not the panel's."""

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager


def tell(address: str) -> None:
    """Say in such a process that it listens, and where."""
    sys.stdout.write(f"{address}\n")
    sys.stdout.flush()


@contextmanager
def running(module: str) -> Iterator[str]:
    """The address of ``python -m module``; ended when the block is left."""
    process = subprocess.Popen([sys.executable, "-m", module], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        found = re.match(r"http\S+", process.stdout.readline())
        assert found
        yield found[0]
    finally:
        process.kill()
        process.wait(timeout=10)
        process.stdout.close()
