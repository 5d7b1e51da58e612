"""Whether a page can be used: by axe, in light and dark, on a telephone, on a desk and zoomed in."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

WIDTHS = (390, 1280)
#: A desk of 1280 pixels at 200 % zoom: so many CSS pixels are left.
ZOOMED = 640
SCHEMES = ("light", "dark")

#: What is folded away stands still until it is opened.
_SETTLED = """scheme => document.documentElement.dataset.bsTheme === scheme
    && document.getAnimations().every(each => each.effect.getComputedTiming().iterations === Infinity
        || !each.effect.target.checkVisibility())"""

_axe = Axe()


def faults(page: Page, state: str, part: str | None = None) -> list[str]:
    """What is wrong with the page as it stands, a line a fault; leaves it light, and wide.

    ``part``: a selector of what axe looks at, where the rest was looked at before.
    """
    found = []
    for width in (*WIDTHS, ZOOMED):
        page.set_viewport_size({"width": width, "height": 900})
        beyond = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if beyond:
            found.append(f"{state} at {width}: {beyond} pixels wider than the window")
        if width == ZOOMED:
            continue
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            # The page hears of it by an event, and its colours may take their time.
            page.wait_for_function(_SETTLED, arg=scheme)
            for violation in _axe.run(page, part).response["violations"]:
                targets = ", ".join(str(node["target"]) for node in violation["nodes"][:3])
                found.append(f"{state} at {width}, {scheme}: {violation['id']}: {targets}")
    page.set_viewport_size({"width": 1280, "height": 900})
    page.emulate_media(color_scheme="light")
    return found
