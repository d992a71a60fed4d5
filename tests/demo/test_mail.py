import smtplib
import socket
import ssl
from pathlib import Path

import pytest

from demo.layout import ADDRESS, MAIL_SERVERS, MailServer

pytestmark = pytest.mark.usefixtures("city")
BY_ID = {server.id: server for server in MAIL_SERVERS}


def greeted(server: MailServer) -> smtplib.SMTP:
    client = smtplib.SMTP(ADDRESS, server.port, timeout=10)
    client.ehlo()
    return client


def test_the_good_server_turns_tls_on_with_a_certificate_of_the_city(folder: Path) -> None:
    context = ssl.create_default_context(cafile=str(folder / "demo" / "city-ca.pem"))
    with greeted(BY_ID["mx1"]) as client:
        client._host = BY_ID["mx1"].host  # type: ignore[attr-defined]  # what smtplib checks the certificate against
        client.starttls(context=context)
        assert isinstance(client.sock, ssl.SSLSocket)
        client.ehlo()
        assert not client.has_extn("starttls")


def test_the_other_one_does_not() -> None:
    with greeted(BY_ID["mx2"]) as client, pytest.raises(smtplib.SMTPNotSupportedError):
        client.starttls()


@pytest.mark.parametrize("server", MAIL_SERVERS, ids=lambda server: server.id)
def test_no_mail_is_taken(server: MailServer) -> None:
    with greeted(server) as client:
        assert client.mail("clerk@riverton.example")[0] == 502


@pytest.mark.parametrize("server", MAIL_SERVERS, ids=lambda server: server.id)
@pytest.mark.parametrize("garbage", [b"\0\xff\r\n", b"x" * 5000 + b"\r\n", b"", b"STARTTLS\r\n\x16\x03\x01"])
def test_a_mail_server_survives_garbage(server: MailServer, garbage: bytes) -> None:
    with socket.create_connection((ADDRESS, server.port), 5) as rude:
        rude.sendall(garbage)
    greeted(server).close()
