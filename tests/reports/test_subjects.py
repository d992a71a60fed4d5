"""Parts of an asset with names for people."""

from __future__ import annotations

import pytest

from reports.subjects import subject_words
from scanner.model.facts.tls_tests import Hole


@pytest.mark.parametrize("hole", Hole)
def test_every_hole_has_a_name_for_people(hole: Hole) -> None:
    assert subject_words("tls-vulnerabilities", hole.value)


def test_other_parts_keep_their_own_names() -> None:
    assert subject_words("disk-encrypted", "/srv") is None
    assert subject_words("disk-encrypted", "ccs") is None
