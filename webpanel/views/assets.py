"""Files that never change under their address: each address carries a part of the file's hash."""

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import Flask, Request, current_app
from werkzeug.security import safe_join

_LENGTH = 12


def version_assets(app: Flask) -> None:
    """``url_for("static", filename=...)`` names the file's present content."""

    @app.url_defaults
    def _add_version(endpoint: str, values: dict[str, Any]) -> None:
        if endpoint == "static" and "filename" in values and (version := _version(values["filename"])):
            values.setdefault("v", version)


def is_current(request: Request) -> bool:
    """Whether the address names the content that the file has now, so that it may be kept for good."""
    asked = request.args.get("v", "")
    return bool(asked) and asked == _version((request.view_args or {}).get("filename", ""))


def _version(filename: str) -> str:
    path = safe_join(str(current_app.static_folder), filename)
    if path is None:
        return ""
    try:
        stat = Path(path).stat()
    except OSError:
        return ""
    return _hash(path, stat.st_mtime_ns, stat.st_size)


@lru_cache(maxsize=256)
def _hash(path: str, _changed: int, _size: int) -> str:
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()[:_LENGTH]
