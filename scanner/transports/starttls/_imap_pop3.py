"""IMAP (RFC 9051, STARTTLS in 6.2.1) and POP3 (RFC 1939, STLS after RFC 2595, 4).

Both are asked for TLS at once; only where they refuse, their capabilities tell whether they have it at all.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

from scanner.transports.starttls._talk import MOST_LINES, NotOffered, Talk, is_for_now, quoted


async def imap(talk: Talk, name: str) -> None:
    """Greeting, STARTTLS; CAPABILITY where that is refused."""
    greeting = await talk.line()
    match greeting.upper().split()[:2]:
        case ["*", "OK"]:
            pass
        case ["*", "PREAUTH"]:
            raise NotOffered(f"it is logged in before TLS could begin: {quoted(greeting)}")
        case ["*", "BYE"]:
            raise talk.refused(greeting)
        case _:
            raise talk.malformed(f"it greeted with {quoted(greeting)}")
    answer, _ = await _imap_command(talk, "a1", "STARTTLS")
    if _word(answer, 1) == "OK":
        return
    told, capabilities = await _imap_command(talk, "a2", "CAPABILITY")
    if is_for_now(answer) or _word(told, 1) != "OK" or not capabilities or "STARTTLS" in capabilities:
        raise talk.refused(answer)
    raise NotOffered(f"STARTTLS was answered with {quoted(answer)}, and CAPABILITY does not name it")


async def _imap_command(talk: Talk, tag: str, command: str) -> tuple[str, set[str]]:
    """The tagged answer to a command, and the capabilities that were told before it."""
    await talk.send(f"{tag} {command}\r\n".encode())
    capabilities: set[str] = set()
    async for line in _lines(talk):
        first, second = _word(line, 0), _word(line, 1)
        if first == tag.upper() and second in {"OK", "NO", "BAD"}:
            return line, capabilities
        if first == "*" and second == "BYE":
            raise talk.refused(line)
        if first == "*" and second == "CAPABILITY":
            capabilities.update(line.upper().split()[2:])
        elif first != "*":
            raise talk.malformed(f"{command} was answered with {quoted(line)}")
    raise talk.malformed(f"an answer of more than {MOST_LINES} lines")


async def pop3(talk: Talk, name: str) -> None:
    """Greeting, STLS; CAPA where that is refused."""
    greeting = await talk.line()
    if not _is_pop3(greeting):
        raise talk.malformed(f"it greeted with {quoted(greeting)}")
    if _word(greeting, 0) != "+OK":
        raise talk.refused(greeting)
    answer = await _pop3_command(talk, "STLS")
    if _word(answer, 0) == "+OK":
        return
    told = await _pop3_command(talk, "CAPA")
    if is_for_now(answer) or (_word(told, 0) == "+OK" and "STLS" in await _listed(talk)):
        raise talk.refused(answer)
    raise NotOffered(f"STLS was answered with {quoted(answer)}, and CAPA does not name it")


async def _pop3_command(talk: Talk, command: str) -> str:
    await talk.send(f"{command}\r\n".encode())
    answer = await talk.line()
    if not _is_pop3(answer):
        raise talk.malformed(f"{command} was answered with {quoted(answer)}")
    return answer


async def _listed(talk: Talk) -> set[str]:
    """The first words of the lines up to the one that is a dot alone."""
    words: set[str] = set()
    async for line in _lines(talk):
        if line == ".":
            return words
        words.add(_word(line, 0))
    raise talk.malformed(f"an answer of more than {MOST_LINES} lines")


async def _lines(talk: Talk) -> AsyncIterator[str]:
    for _ in range(MOST_LINES):
        yield await talk.line()


def _word(line: str, number: int) -> str:
    words = line.upper().split(maxsplit=number + 1)
    return words[number] if len(words) > number else ""


def _is_pop3(line: str) -> bool:
    return _word(line, 0) in {"+OK", "-ERR"}
