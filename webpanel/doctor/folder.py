"""The instance folder: who may read it, what room is left, and its keys."""

import shutil
from collections.abc import Iterator

from webpanel import instance
from webpanel.config import Config
from webpanel.doctor.finding import Finding

#: Bytes that are free: below the first nothing may be stored soon, below the second somebody should look.
LEAST, LITTLE = 100 << 20, 1 << 30

_MEGABYTE = 1 << 20


def modes(config: Config) -> Iterator[Finding]:
    exposed = list(instance.exposed(config.instance))
    for said in exposed:
        yield Finding("modes", "wrong", "doctor_said", {"said": said})
    if not exposed:
        yield Finding("modes", "ok", "doctor_modes_ok", {"folder": str(config.instance)})


def disk(config: Config) -> Iterator[Finding]:
    free = shutil.disk_usage(config.instance).free
    values = {"free": f"{free // _MEGABYTE:,}", "folder": str(config.instance)}
    if free < LEAST:
        yield Finding("disk", "wrong", "doctor_disk_full", values)
    elif free < LITTLE:
        yield Finding("disk", "advice", "doctor_disk_little", values)
    else:
        yield Finding("disk", "ok", "doctor_disk_ok", values)


def keys(config: Config) -> Iterator[Finding]:
    instance.keys(config)
    yield Finding("keys", "ok", "doctor_keys_ok")
