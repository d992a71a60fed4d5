"""How a place on the network is written."""

from __future__ import annotations


def endpoint(address: str, port: int) -> str:
    """`ADDRESS:PORT` as people write it, IPv6 in brackets."""
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
