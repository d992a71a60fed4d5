"""XMPP: stream, features, starttls (RFC 6120, 5).

Tags are read one by one as plain text, and nothing is expanded: a stream has no entities, comments or declarations of
documents (RFC 6120, 11.1), so the first `<!` ends the conversation.
"""

from __future__ import annotations

import re
from xml.sax.saxutils import quoteattr

from scanner.transports.starttls._talk import NotOffered, Talk, quoted

_TLS = "urn:ietf:params:xml:ns:xmpp-tls"
_SERVERS_PORT = 5269

# Far more than the features of any server; an ejabberd with everything on has some fifty.
_MOST_TAGS = 400

_TAG = re.compile(r"<(/?)(?:[\w.-]{1,100}:)?([\w.-]{1,100})[\s/>]")
_LIMITS = frozenset({"policy-violation", "resource-constraint", "system-shutdown"})


class _Tag:
    """One tag: its name without prefix, `/name` where it closes, and the whole of it."""

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self.text = text

    @property
    def is_empty(self) -> bool:
        """Whether it closes itself."""
        return self.text.endswith("/>")


async def xmpp(talk: Talk, name: str) -> None:
    """Opens a stream, reads its features, asks for TLS. Port 5269 is spoken to as servers do."""
    namespace = "jabber:server" if talk.port == _SERVERS_PORT else "jabber:client"
    await talk.send(
        f"<?xml version='1.0'?><stream:stream to={quoteattr(name)} xmlns='{namespace}' "
        "xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>".encode()
    )
    stream = await _tag(talk)
    if stream.name != "stream":
        raise talk.malformed(f"it sent {quoted(stream.text)}")
    if not await _offers(talk, stream):
        raise NotOffered("the features of its stream do not name starttls")
    await talk.send(f"<starttls xmlns='{_TLS}'/>".encode())
    await _proceed(talk)


async def _offers(talk: Talk, stream: _Tag) -> bool:
    """Whether the features of the stream name starttls."""
    if "version=" not in stream.text:  # RFC 6120, 4.7.5: a server from before TLS, which sends no features
        return False
    found, opened = False, False
    for _ in range(_MOST_TAGS):
        tag = await _tag(talk)
        if tag.name == "features":
            opened = True
            if tag.is_empty:
                return False
        elif tag.name == "error" and not opened:
            await _stream_error(talk)
        elif tag.name == "/features":
            return found
        elif not opened or tag.name in {"stream", "/stream"}:
            raise talk.malformed(f"it sent {quoted(tag.text)} where its features should stand")
        found = found or (tag.name == "starttls" and _TLS in tag.text)
    raise talk.malformed(f"more than {_MOST_TAGS} tags before the end of its features")


async def _proceed(talk: Talk) -> None:
    answer = await _tag(talk)
    if answer.name == "proceed" and _TLS in answer.text:
        if not answer.is_empty and (await _tag(talk)).name != "/proceed":
            raise talk.malformed("it put something into its go-ahead")
        return
    if answer.name == "failure":
        raise talk.blocked("offers starttls and then refuses it")
    if answer.name == "error":
        await _stream_error(talk)
    raise talk.malformed(f"starttls was answered with {quoted(answer.text)}")


async def _stream_error(talk: Talk) -> None:
    """Reads the condition of a stream error (RFC 6120, 4.9.3).

    Raises:
        Turned: always.
    """
    condition = (await _tag(talk)).name
    if condition in _LIMITS:
        raise talk.limited(condition)
    raise talk.blocked(f"ended the stream with the error {quoted(condition)}")


async def _tag(talk: Talk) -> _Tag:
    """The next tag; the text before it and the XML declaration are passed over."""
    for _ in range(_MOST_TAGS):
        piece = (await talk.until(b">")).decode("utf-8", "replace")
        start = piece.find("<")
        text = piece[start:] if start >= 0 else ""
        if text.startswith("<!"):
            raise talk.malformed("it sent XML that a stream must not hold")
        found = _TAG.match(text)
        if found is not None:
            return _Tag(found[1] + found[2], text)
        if text and not text.startswith("<?xml "):
            raise talk.malformed(f"it sent {quoted(text)}")
    raise talk.malformed("it sent no tag")
