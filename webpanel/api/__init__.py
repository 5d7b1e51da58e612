"""The HTTP API, and the doors that speak other services' languages: edges for programs with a key."""
