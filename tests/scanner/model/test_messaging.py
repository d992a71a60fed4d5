"""The catalogue of messaging products and archives."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date

import pytest

from scanner.model.messaging import PRODUCTS, Entry, plain, product_named
from scanner.model.messaging_archives import ARCHIVES, Keeping, archive_named
from scanner.model.policy import Policy
from scanner.model.unobserved import Cause, Unobserved

BOTH = pytest.mark.parametrize("entries", [PRODUCTS, ARCHIVES], ids=["products", "archives"])


@BOTH
def test_a_name_or_alias_means_one_entry(entries: Sequence[Entry]) -> None:
    names = Counter(name for each in entries for name in {plain(name) for name in (each.name, *each.aliases)})

    assert [name for name, count in names.items() if count > 1 or not name] == []


@BOTH
def test_every_entry_has_a_source_a_sentence_and_a_day_that_is_past(entries: Sequence[Entry]) -> None:
    for each in entries:
        assert each.source, each.name
        assert each.note.endswith("."), each.name
        assert date(2023, 1, 1) <= each.as_of <= date(2026, 11, 22), each.name


@BOTH
def test_the_day_is_a_day_or_the_first_of_a_year_that_the_source_names(entries: Sequence[Entry]) -> None:
    for each in entries:
        day = each.as_of.isoformat()
        assert day.removesuffix("-01-01") in each.source, each.name


@BOTH
def test_no_entry_was_out_of_date_when_it_was_written(entries: Sequence[Entry]) -> None:
    find = Policy().messaging if entries is PRODUCTS else Policy().archive
    found = [find(each.name, date(2026, 11, 22)) for each in entries]

    assert not [each for each in found if isinstance(each, Unobserved) and each.cause is Cause.STALE]


@pytest.mark.parametrize("name", ["AWS Wickr", "aws-wickr", "  AWS  WICKR ", "aws_wickr"])
def test_case_and_punctuation_do_not_matter(name: str) -> None:
    found = product_named(name)

    assert found is not None
    assert found.name == "AWS Wickr"


@pytest.mark.parametrize("name", ["", " ", "-", "sign", "signal!x", "\x00", "ſignal2"])
def test_a_name_is_never_matched_in_part(name: str) -> None:
    assert product_named(name) is None
    assert archive_named(name) is None


@pytest.mark.parametrize(
    ("name", "near"),
    [("signl", "Signal"), ("what's app", "WhatsApp"), ("mesenger", "Facebook Messenger"), ("TELEGRAMM", "Telegram")],
)
def test_a_misspelt_name_is_a_gap_that_names_the_nearest_product(name: str, near: str) -> None:
    gap = Policy().messaging(name, date(2026, 11, 22))

    assert isinstance(gap, Unobserved)
    assert gap.cause is Cause.NOT_DECLARED
    assert gap.detail.endswith(f"If {near!r} is meant, correct the inventory.")


@pytest.mark.parametrize("name", ["zoom", "webex", "viber", "", "x" * 500])
def test_a_product_that_the_catalogue_lacks_says_whom_to_ask_and_guesses_no_other(name: str) -> None:
    gap = Policy().messaging(name, date(2026, 11, 22))

    assert isinstance(gap, Unobserved)
    assert f"no dated word on {name!r}; ask the maker" in gap.detail
    assert "is meant" not in gap.detail


def test_an_archive_of_unknown_keeping_is_a_gap_that_names_it() -> None:
    gap = Policy().archive("wickr", date(2026, 11, 22))

    assert archive_named("wickr").keeping is Keeping.UNKNOWN  # type: ignore[union-attr]
    assert isinstance(gap, Unobserved)
    assert "AWS Wickr data retention" in gap.detail
