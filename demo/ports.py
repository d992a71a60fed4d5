"""Whether the demo city's ports are free."""

from __future__ import annotations

import os
import socket
from collections.abc import Collection, Mapping

from demo.errors import PortTaken
from demo.layout import ADDRESS


def is_free(port: int, kind: socket.SocketKind = socket.SOCK_STREAM) -> bool:
    """Whether a server of ours may have a port."""
    with socket.socket(socket.AF_INET, kind) as trial:
        if os.name == "posix" and kind is socket.SOCK_STREAM:
            # A port whose last connections are still fading out is free for our servers, which ask the same way.
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((ADDRESS, port))
        except OSError:
            return False
        return True


def must_be_free(wanted: Mapping[int, str], *, datagrams: Collection[int] = ()) -> None:
    """Makes sure that every port is free.

    Args:
        wanted: port and what it is needed for.
        datagrams: those that must be free for UDP too.

    Raises:
        PortTaken: for the lowest port that is not.
    """
    for port, needed_for in sorted(wanted.items()):
        if not is_free(port) or (port in datagrams and not is_free(port, socket.SOCK_DGRAM)):
            raise PortTaken(port, needed_for)
