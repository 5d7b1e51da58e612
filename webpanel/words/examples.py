"""What is said of an example that was pasted from a provider's documentation."""

SENTENCES: dict[str, str] = {}
