"""Probes: one module per kind of facts. Fetching is thin; parsing is pure and tested on recorded replies."""
