"""The HTTP API: an edge for programs with a key, and what other edges for programs share with it."""
