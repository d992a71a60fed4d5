"""The page on the policy and the packs is the one that the code writes."""

from __future__ import annotations

from pathlib import Path

from scanner.app.documents import clause_lines
from scanner.app.policy_document import policy_page
from scanner.model.packs import PACKS
from scanner.model.policy import Policy

PAGE = Path(__file__).parents[3] / "docs" / "policy.md"


def test_the_page_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == policy_page(), "run `make docs`"


def test_it_names_every_pack_clause_and_policy_value() -> None:
    page = policy_page()
    for pack in PACKS:
        assert f"`{pack.id}`" in page
        assert all(clause.requirement in page and clause.id in page for clause in pack.clauses)
    assert all(f"| `{name}` |" in page for name in Policy.sources())


def test_the_clauses_of_a_check_are_told_one_by_one() -> None:
    assert clause_lines("tls-versions")[0].startswith("BOD 18-01 (with M-15-13), clause II.1.a.ii, II.1.b.i: SSL 2")
    assert clause_lines("disk-encrypted") == []


def test_values_have_their_units_and_no_limit_is_told_as_such() -> None:
    page = policy_page()
    assert "`31536000` seconds (365 days)" in page
    assert "| `dh_min_bits` | `2048` bits | any | `2048` bits | `3072` bits |" in page
    assert "`12` months" in page
    assert "`0`" not in page


def test_long_lists_are_lists_and_no_two_lines_are_empty() -> None:
    page = policy_page()
    assert "\n- `TLS_AES_128_GCM_SHA256`\n" in page
    assert "\n\n\n" not in page
    assert max(len(line) for line in page.splitlines() if not line.startswith(("|", "- ", "Of "))) <= 120
