"""Rules that were clicked together, and replies that are kept, in words."""

SENTENCES: dict[str, str] = {}
