"""Kinds of facts, one module per kind: what was seen and only that. No field may mean "unknown"."""
