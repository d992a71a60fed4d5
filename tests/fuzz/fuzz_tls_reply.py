"""Coverage-guided fuzzing of what reads a server's answers: `make fuzz` (`run.py` beside it).

Whatever bytes come, in whatever pieces, the readers give events or raise `Malformed`, and keep no more than they may.
pytest does not collect this file; it needs the extra [fuzz]. Arguments are those of libFuzzer, for example
`-max_total_time=60` or a folder with a corpus.
"""

from __future__ import annotations

import contextlib
import struct
import sys

import atheris

with atheris.instrument_imports(include=["scanner.transports"]):
    from scanner.transports._hello_events import Malformed
    from scanner.transports._hello_read import MOST_BYTES, Reader
    from scanner.transports._hello_read_ssl2 import Ssl2Reader

_SUITES = (0x0033, 0xC013, 0x002F, 0x1301, 0x0003, 0xFFFF)


def _server_hello(suite: int) -> bytes:
    body = b"\x03\x03" + bytes(33) + struct.pack(">HB", suite, 0)
    return b"\x16\x03\x03" + struct.pack(">HBBH", len(body) + 4, 2, 0, len(body)) + body


def _in_records(messages: bytes, size: int) -> bytes:
    pieces = [messages[start : start + size] for start in range(0, len(messages), size)]
    return b"".join(b"\x16\x03\x03" + len(piece).to_bytes(2, "big") + piece for piece in pieces)


def _feed(reader: Reader | Ssl2Reader, data: bytes, step: int) -> None:
    events = 0
    with contextlib.suppress(Malformed):
        for start in range(0, len(data), step):
            for _ in reader.feed(data[start : start + step]):
                events += 1
    assert events <= min(len(data), MOST_BYTES)


def one_input(data: bytes) -> None:
    """Reads one answer: raw, after a good ServerHello, and as messages in records."""
    given = atheris.FuzzedDataProvider(data)
    step, mode = given.ConsumeIntInRange(1, 20_000), given.ConsumeIntInRange(0, 3)
    suite = _SUITES[given.ConsumeIntInRange(0, len(_SUITES) - 1)]
    size = given.ConsumeIntInRange(1, 4096)
    rest = given.ConsumeBytes(sys.maxsize)
    if mode == 0:
        _feed(Reader(), rest, step)
    elif mode == 1:
        _feed(Reader(), _server_hello(suite) + rest, step)
    elif mode == 2:
        _feed(Reader(), _server_hello(suite) + _in_records(rest, size), step)
    else:
        _feed(Ssl2Reader(), rest, step)


if __name__ == "__main__":
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()
