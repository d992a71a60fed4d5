"""Merges `defaults` under the entries of each list, on the tree, so that every value keeps its line.

Mappings merge deeply and everything else is replaced whole: lists, and what is one thing (a secret, a credential).
A default of `access` that does not belong to a host's transport is left out for that host.
"""

from __future__ import annotations

from typing import Any

from scanner.inventory.schema.document import SECTIONS
from scanner.inventory.transports import fits, transport_of
from scanner.inventory.tree import Entry, Node, child, list_node, mapping_node

# Half of one and half of another would be a third that nobody wrote.
_WHOLE = frozenset({"password", "access_key", "secret_key", "session_token", "credential"})


def merged_size(root: Entry) -> int:
    """At most how many nodes the document has after the merge; cheap, so that it can be asked before."""
    defaults = child(root.node, "defaults")
    size = root.node.size
    for name in SECTIONS if defaults else ():
        section, shared = child(root.node, name), child(defaults.node, name) if defaults else None
        if section and shared and isinstance(section.node.value, list):
            size += len(section.node.value) * shared.node.size
    return size


def with_defaults(root: Entry) -> Entry:
    """The document with the defaults in their places; `defaults` itself stays where it is."""
    document, defaults = root.node.value, child(root.node, "defaults")
    if not isinstance(document, dict) or defaults is None:
        return root
    merged = {
        name: Entry(entry.line, _section(name, entry.node, child(defaults.node, name))) if name in SECTIONS else entry
        for name, entry in document.items()
    }
    return Entry(root.line, mapping_node(merged))


def _section(name: str, section: Node, defaults: Entry | None) -> Node:
    if defaults is None or not isinstance(section.value, list) or not isinstance(defaults.node.value, dict):
        return section
    return list_node([Entry(item.line, _entry(name, item.node, defaults.node)) for item in section.value])


def _entry(section: str, entry: Node, defaults: Node) -> Node:
    if not isinstance(entry.value, dict):
        return entry
    return _merged(entry, _for_host(entry, defaults) if section == "hosts" else defaults)


def _merged(own: Node, defaults: Node) -> Node:
    """Deep merge; what both sides have as a mapping is merged, else the entry's own wins."""
    if not isinstance(own.value, dict) or not isinstance(defaults.value, dict):
        return own
    result = dict(own.value)
    for key, default in defaults.value.items():
        mine = result.get(key)
        if mine is None:
            result[key] = default
        elif key not in _WHOLE:
            result[key] = Entry(mine.line, _merged(mine.node, default.node))
    return mapping_node(result)


def _scalar(node: Node | None, key: str) -> Any:
    found = child(node, key) if node else None
    return found.node.value if found else None


def _for_host(host: Node, defaults: Node) -> Node:
    """The defaults of hosts without the keys of `access` that another transport has."""
    access = child(defaults, "access")
    if access is None or not isinstance(access.node.value, dict) or not isinstance(defaults.value, dict):
        return defaults
    own = child(host, "access")
    own_node = own.node if own else None
    said = {key: _scalar(own_node, key) or _scalar(access.node, key) for key in ("transport", "scheme")}
    transport = transport_of(_scalar(host, "platform") or _scalar(defaults, "platform"), said)
    kept = {key: entry for key, entry in access.node.value.items() if fits(key, transport, said["scheme"])}
    return mapping_node({**defaults.value, "access": Entry(access.line, mapping_node(kept))})
