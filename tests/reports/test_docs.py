"""A check's docstring becomes help that a page can show."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from reports.docs import Block, BlockKind, Span, parse_doc, spans

DOC = """HSTS, as the rules ask.

What it checks
--------------
The header `X`
must say:
- `max-age` of at least
  one year,

- once.

How to fix
----------
Write::

    X: 1
    Y: 2

References
----------
"""


def test_a_docstring_is_read_section_by_section() -> None:
    doc = parse_doc(DOC)
    assert doc.summary == "HSTS, as the rules ask."
    assert [section.heading for section in doc.sections] == ["What it checks", "How to fix", "References"]
    assert doc.sections[0].blocks == (
        Block(kind=BlockKind.PARAGRAPH, items=("The header `X` must say:",)),
        Block(kind=BlockKind.LIST, items=("`max-age` of at least one year,", "once.")),
    )
    assert doc.sections[1].blocks == (
        Block(kind=BlockKind.PARAGRAPH, items=("Write:",)),
        Block(kind=BlockKind.EXAMPLE, items=("X: 1\nY: 2",)),
    )
    assert doc.sections[2].blocks == ()


def test_a_docstring_without_headings_is_all_summary() -> None:
    assert parse_doc("One.\nTwo.").summary == "One. Two."
    assert parse_doc("").sections == ()


def test_code_and_links_are_told_apart() -> None:
    assert spans("See `x` at https://a.example/b_(c).") == [
        Span(kind="text", text="See "),
        Span(kind="code", text="x"),
        Span(kind="text", text=" at "),
        Span(kind="link", text="https://a.example/b_(c"),
        Span(kind="text", text=")."),
    ]


@given(st.text(st.sampled_from("ab -*\n`:1.\t")))
def test_any_text_is_read_without_an_error(text: str) -> None:
    for section in parse_doc(text).sections:
        for block in section.blocks:
            assert all("".join(span.text for span in spans(item)) is not None for item in block.items)
