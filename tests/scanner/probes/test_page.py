"""Pages: what they load or send over plain http."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.model.facts.page import Page
from scanner.model.unobserved import Cause, Unobserved
from scanner.probes._html import tags
from scanner.probes._page import MOST_LOADS, is_page, page_of
from scanner.transports.http import LARGEST_BODY, Answer, Body

URL = "https://www.city.example/about/"
HTML = ("content-type", "text/html; charset=utf-8")


def page(text: str | bytes, *headers: tuple[str, str], gap: Unobserved | None = None) -> Page:
    content = text.encode() if isinstance(text, str) else text
    answer = Answer(
        status=200, headers=headers or (HTML,), tls_version="TLSv1.3", digest="", body=Body(content=content, gap=gap)
    )
    found = page_of(URL, answer)
    assert found is not None
    return found


def loads(text: str | bytes, *headers: tuple[str, str]) -> list[tuple[str, str]]:
    return [(load.element, load.url) for load in page(text, *headers).loads]


@pytest.mark.parametrize(
    ("markup", "element", "url"),
    [
        ("<script src=http://a.example/x.js></script>", "script", "http://a.example/x.js"),
        ("<SCRIPT SRC='HTTP://A.example/x'></SCRIPT>", "script", "http://A.example/x"),
        ('<link rel="stylesheet" href="http://a.example/s.css">', "link", "http://a.example/s.css"),
        ('<link rel="alternate icon" href="http://a.example/i">', "link", "http://a.example/i"),
        ("<iframe src=http://a.example></iframe>", "iframe", "http://a.example"),
        ("<frameset><frame src=http://a.example/f>", "frame", "http://a.example/f"),
        ("<img alt='' src=http://a.example/i.png>", "img", "http://a.example/i.png"),
        ("<img src=/ok srcset='/ok 1x, http://a.example/2x.png 2x'>", "img", "http://a.example/2x.png"),
        ("<img srcset='http://a.example/a,b.png'>", "img", "http://a.example/a,b.png"),
        ("<img srcset='/a, http://a.example/b,/c 2x'>", "img", "http://a.example/b,/c"),
        ("<picture><source srcset=http://a.example/p></picture>", "source", "http://a.example/p"),
        ("<video poster=http://a.example/p src=/v></video>", "video", "http://a.example/p"),
        ("<audio src=http://a.example/a></audio>", "audio", "http://a.example/a"),
        ("<object data=http://a.example/o></object>", "object", "http://a.example/o"),
        ("<embed src=http://a.example/e>", "embed", "http://a.example/e"),
        ("<form action=http://a.example/send>", "form", "http://a.example/send"),
        ("<button formaction=http://a.example/send>", "button", "http://a.example/send"),
        ("<input type=IMAGE src=http://a.example/b>", "input", "http://a.example/b"),
        ("<body background=http://a.example/b>", "body", "http://a.example/b"),
        ("<svg><image xlink:href=http://a.example/i /></svg>", "image", "http://a.example/i"),
        ("<p style='background: url(http://a.example/b)'>", "p", "http://a.example/b"),
        ("<style>@import 'http://a.example/c';</style>", "style", "http://a.example/c"),
        ('<style>a { b: URL( "http://a.example/c" ) }</style>', "style", "http://a.example/c"),
        ("<img src=ht&#116;p://a.example/x>", "img", "http://a.example/x"),
        ("<img src='ht\ntp://a.example/\tx'>", "img", "http://a.example/x"),
        ("<img src=' http://a.example/x '>", "img", "http://a.example/x"),
        ("<img src=http:a.example/x>", "img", "http://a.example/x"),
        ("<img src=http:\\\\a.example/x>", "img", "http://a.example/x"),
        ('<img src="http://a.example/x"id=y>', "img", "http://a.example/x"),
        ("<img src = http://a.example/x />", "img", "http://a.example/x /".removesuffix(" /")),
        ("<noscript><img src=http://a.example/n></noscript>", "img", "http://a.example/n"),
        ("<noscript><link rel=stylesheet href=http://a.example/n>", "link", "http://a.example/n"),
        ('<iframe srcdoc="&lt;script src=http://a.example/s>"></iframe>', "script", "http://a.example/s"),
        (
            "<iframe srcdoc='<base href=http://a.example><img src=/s>'></iframe><img src=/s>",
            "img",
            "http://a.example/s",
        ),
        ("<img src=http://user:pw@A.EXAMPLE/x>", "img", "http://user:pw@A.EXAMPLE/x"),
    ],
)
def test_a_part_over_plain_http_is_found(markup: str, element: str, url: str) -> None:
    assert (element, url) in loads(markup)
    assert len(loads(markup)) == 1


@pytest.mark.parametrize(
    "markup",
    [
        "<a href=http://a.example>link</a>",
        '<link rel=canonical href="http://a.example/">',
        "<link href=http://a.example/>",
        "<img src=https://a.example/x>",
        "<img src=//a.example/x>",
        "<img src=/x><img src=x><form action=''>",
        "<img src=data:image/png;base64,http://a.example>",
        "<form action=javascript:http://a.example>",
        "<img src=http://localhost:8080/x><img src=http://127.0.0.1/x><img src='http://[::1]/x'>",
        "<img src=http://dev.localhost/x>",
        "<!-- <img src=http://a.example/x> -->",
        "<script>document.write('<img src=http://a.example/x>')</script>",
        "<textarea><img src=http://a.example/x></textarea>",
        "<template><img src=http://a.example/x></template>",
        "<img alt='<img src=http://a.example/x>'>",
        "<img src=https://a.example/x src=http://a.example/x>",
        "<img src='http://a.example/x",
        "<img src=http://[::1/x><img src=http://><img src=http:>",
        "</img src=http://a.example/x>",
        "<meta http-equiv=refresh content='0; url=http://a.example/'>",
    ],
)
def test_what_loads_nothing_over_plain_http_does_not_count(markup: str) -> None:
    assert loads(markup) == []


def test_base_decides_where_relative_urls_lead_and_the_first_one_counts() -> None:
    based = (
        "<base target=x><base href=http://a.example/d/><base href=https://b.example/><img src=i><img src=//c.example/>"
    )
    assert loads(based) == [("img", "http://a.example/d/i"), ("img", "http://c.example/")]
    assert loads("<base href=//a.example/><img src=i>") == []
    assert loads("<base href='http://[::1'><img src=i>") == []


def test_after_a_comment_or_a_script_the_page_goes_on() -> None:
    for before in ("<!-->", "<!-- a -->", "<!doctype html>", "<?xml?>", "<script>x</SCRIPT >", "<3", "</p>", "<>"):
        assert loads(f"{before}<img src=http://a.example/x>") == [("img", "http://a.example/x")], before


def test_upgrade_insecure_requests_is_seen_in_the_header_and_in_the_page() -> None:
    plain = "<img src=http://a.example/x>"
    policy = "default-src 'self' https:; Upgrade-Insecure-Requests"
    assert page(plain, HTML, ("content-security-policy", policy)).upgraded
    assert page(plain, HTML, ("content-security-policy", policy)).found == 1
    assert page(f"<meta http-equiv='Content-Security-Policy' content='upgrade-insecure-requests'>{plain}").upgraded
    assert not page(f"{plain}<meta http-equiv='Content-Security-Policy' content='upgrade-insecure-requests'>").upgraded
    assert not page(plain, HTML, ("content-security-policy", "report-uri /upgrade-insecure-requests")).upgraded


@pytest.mark.parametrize("kind", ["text/html", "TEXT/HTML;charset=x", "application/xhtml+xml"])
def test_html_is_told_by_its_type(kind: str) -> None:
    assert page("hello", ("content-type", kind)).html


@pytest.mark.parametrize("kind", ["application/json", "text/plain", "image/png", "text/htmlx"])
def test_other_types_are_no_pages_and_are_not_read(kind: str) -> None:
    answer = Answer(status=200, headers=(("content-type", kind),), tls_version=None, digest="")
    assert not is_page(answer)
    found = page_of(URL, answer)
    assert found is not None
    assert not found.html


def test_without_a_type_what_looks_like_html_is_html() -> None:
    server = ("server", "x")
    assert page("\n <!DOCTYPE html><img src=http://a.example/x>", server).found == 1
    assert not page("{}", server).html
    assert not page(b"\x00\xff\x89PNG<img src=http://a.example/x>", server).html
    assert not page("", server).html


def test_binary_garbage_and_utf_16_are_read() -> None:
    assert page(bytes(range(256)) * 100).html
    assert page("<img src=http://a.example/x>".encode("utf-16")).found == 1


def test_numbers_and_lengths_are_bounded_and_the_count_is_not() -> None:
    found = page(f"<img src=http://a.example/{'y' * 5000}>" * 100)
    assert found.found == 100
    assert len(found.loads) == MOST_LOADS
    assert all(len(load.url) <= 300 for load in found.loads)
    assert page("<img src='http://a.example/\x1b]0;x'>").loads[0].url.isprintable()


def test_what_lies_inside_of_what_lies_inside_is_left_alone() -> None:
    assert loads("<noscript><iframe srcdoc='<img src=http://a.example/x>'></iframe></noscript>") == []
    assert loads("<iframe srcdoc='<noscript><img src=http://a.example/x></noscript>'></iframe>") == []


def test_a_srcdoc_takes_the_place_of_src_and_its_policy_binds_itself_alone() -> None:
    assert loads("<iframe src=http://a.example/x srcdoc='<p>'></iframe>") == []
    policy = '<meta http-equiv=Content-Security-Policy content="upgrade-insecure-requests">'
    framed = f"<iframe srcdoc='{policy}<img src=http://a.example/x>'></iframe><img src=http://a.example/y>"
    assert loads(framed) == [("img", "http://a.example/y")]
    assert not page(framed).upgraded


def test_numbers_stay_bounded_across_frames() -> None:
    found = page("<iframe srcdoc='<img src=http://a/x><img src=http://a/y>'></iframe>" * 100)
    assert (found.found, len(found.loads)) == (200, MOST_LOADS)


def test_why_the_rest_was_not_seen_comes_along() -> None:
    gap = Unobserved(cause=Cause.UNSUPPORTED, detail="too large")
    assert page("<p>", gap=gap).rest == gap


HOSTILE = {
    "tags": "<a ",
    "open quotes": '<a b="',
    "scripts": "<script>",
    "comments": "<!--",
    "attributes": "b ",
    "signs": "<a = ",
    "ampersands": "&",
    "commas": ",",
    "nesting": "<div>",
    "images": "<img src=http://a/x>",
    "styles": "<style>@import ",
    "climbing": "/..",
    "closing": "</script",
    "angle brackets": "<",
    "blanks": " ",
    "no scripts": "<noscript><a ",
    "frames": "<iframe srcdoc=<b>",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
@pytest.mark.parametrize(
    "around",
    [
        "{}",
        "<a {}>",
        "<img src='{}'>",
        "<img srcset='{}'>",
        "<p style='{}'>",
        "<script>{}",
        "<noscript>{}",
        "<iframe srcdoc='{}'>",
    ],
)
def test_a_hostile_page_costs_linear_time(text: str, around: str) -> None:
    """Quadratic reading of a megabyte would take hours."""
    whole = around.format(text * (LARGEST_BODY // len(text)))
    started = time.process_time()
    page(whole)
    assert time.process_time() - started < 30


def test_a_number_with_more_digits_than_python_reads_is_left_alone() -> None:
    assert loads(f"<img src='&#{'1' * 9000};'>") == []


@given(st.text(alphabet="<>!-/='\" abimgsrc&#;http:/\\\n\x00é", max_size=200))
def test_any_text_is_read(text: str) -> None:
    assert page(text).found >= 0
    assert all(tag.name for tag in tags(text))


@given(st.binary(max_size=200))
def test_any_bytes_are_read(content: bytes) -> None:
    assert page(content).html
