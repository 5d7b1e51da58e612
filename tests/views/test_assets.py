"""The vendored files are what their list says, and nothing of them is missing or left over."""

import hashlib
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
VENDOR = ROOT / "static" / "vendor"
ROW = re.compile(r"^\| (\S+) \| (\S+) \| (\S+) \| \S+ \| ([0-9a-f]{64}) \|$", re.MULTILINE)


def listed() -> dict[str, str]:
    return {row[1]: row[4] for row in ROW.finditer((VENDOR / "README.md").read_text())}


def test_every_vendored_file_has_its_hash_and_licence():
    files = {
        str(path.relative_to(VENDOR)) for path in VENDOR.rglob("*") if path.is_file() and path.suffix != ".md"
    }
    licences = {name for name in files if name.endswith("/LICENSE")}
    assert files - licences == set(listed())
    assert {str(Path(name).parent / "LICENSE") for name in listed()} == licences
    for name, wanted in listed().items():
        assert hashlib.sha256((VENDOR / name).read_bytes()).hexdigest() == wanted, name


def test_the_versions_are_those_in_the_files():
    readme = (VENDOR / "README.md").read_text()
    versions = {row[2]: row[3] for row in ROW.finditer(readme)}
    assert f'version="{versions["htmx.org"]}"' in (VENDOR / "htmx/htmx.min.js").read_text()
    head = (VENDOR / "tabler/tabler.min.css").read_text()[:200]
    assert f"Tabler v{versions['@tabler/core']} " in head


def test_the_style_sheets_and_scripts_fetch_nothing():
    for path in (ROOT / "static").rglob("*.css"):
        urls = re.findall(r"url\(\s*['\"]?([^'\")]{0,12})", path.read_text())
        assert all(url.startswith(("data:", "#")) for url in urls), path
        assert "@import" not in path.read_text(), path


def test_the_sprite_holds_the_icons_that_are_used():
    sprite = (VENDOR / "tabler-icons/icons.svg").read_text()
    there = set(re.findall(r'<symbol id="([^"]+)"', sprite))
    templates = "".join(path.read_text() for path in (ROOT / "templates").rglob("*.html"))
    views = "".join(path.read_text() for path in (ROOT / "webpanel" / "views").rglob("*.py"))
    used = set(re.findall(r'\bicon\("([a-z-]+)"', templates))
    used |= set(re.findall(r'\bicon="([a-z-]+)"', templates))
    used |= set(re.findall(r'_entry\(\s*_\("[^"]+"\),\s*"([a-z-]+)"', views))
    used |= {"circle-check", "alert-triangle", "alert-circle", "info-circle"}
    assert used == there
