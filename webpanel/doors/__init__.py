"""Doors that other programs already speak: each translates another service's requests to intake's words.

A room of its own beside ``api``, whose keys and calls it uses: what other services answer is theirs.
"""
