"""What the check before saving says that is no error, and what its buttons mend."""

SENTENCES: dict[str, str] = {}
