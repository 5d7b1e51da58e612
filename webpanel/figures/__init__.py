"""How everything flows, counted from the tables: for the dashboard, the banner, probes and metrics.

A room of its own because pages, probes and metrics tell the same figures and must not differ. It reads
only, words nothing, and each of its questions is answered by an index, however long the tables are.
"""
