"""What redirects show beside their end."""

from __future__ import annotations

import pytest

from scanner.model.facts.http import Answered, Hop
from scanner.model.redirects import notes, served_plainly

HOST = frozenset({"www.city.example"})


def chain(*hops: tuple[str, int, str | None]) -> Answered:
    made = [Hop(url=url, status=status, location=location) for url, status, location in hops]
    return Answered(address="192.0.2.1", first=made[0], further=tuple(made[1:]))


@pytest.mark.parametrize(
    ("status", "location", "told"),
    [
        (301, "https://www.city.example/", "permanent; to the same host"),
        (308, "https://WWW.city.example./", "permanent; to the same host"),
        (302, "/x", "temporary, so browsers ask here again each time; to the same host"),
        (
            307,
            "https://else.example/",
            "temporary, so browsers ask here again each time; to another host, else.example",
        ),
    ],
)
def test_the_first_redirect_is_described(status: int, location: str, told: str) -> None:
    (note,) = notes(chain(("http://www.city.example/", status, location)))
    assert note.value == told


def test_every_fall_back_to_plain_http_is_named() -> None:
    found = list(
        notes(
            chain(
                ("http://www.city.example/", 301, "https://www.city.example/"),
                ("https://www.city.example/", 302, "http://www.city.example/a"),
                ("http://www.city.example/a", 302, "https://www.city.example/b"),
                ("https://www.city.example/b", 302, "http://else.example/"),
            )
        )
    )
    assert [note.value for note in found[1:]] == [
        "https://www.city.example/ → http://www.city.example/a",
        "https://www.city.example/b → http://else.example/",
    ]


def test_an_answer_without_a_redirect_has_no_notes() -> None:
    assert list(notes(chain(("https://www.city.example/", 200, None)))) == []


def test_a_plain_answer_of_the_site_itself_that_goes_on_to_https_is_none() -> None:
    on = Hop(url="http://www.city.example/", status=302, location="https://www.city.example/")
    elsewhere = Hop(url="http://else.example/", status=200)
    page = Hop(url="http://www.city.example:8080/", status=200)
    assert served_plainly([on, elsewhere], HOST) is None
    assert served_plainly([on, elsewhere, page], HOST) == page
