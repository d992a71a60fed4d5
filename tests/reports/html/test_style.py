"""Text can be read in both colour schemes (WCAG 2.2, 1.4.3), and parts of drawings told apart (1.4.11)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import reports

STYLE = (Path(reports.__file__).parent / "templates" / "style.css").read_text(encoding="utf-8")
TEXT_ON = [
    *((ink, ground) for ink in ("ink", "muted", "link", "visited") for ground in ("paper", "shade")),
    *(
        (ink, f"{soft}-soft")
        for ink in ("ink", "muted", "link", "visited")
        for soft in ("fail", "unknown", "pass", "info")
    ),
    *((name, f"{name}-soft") for name in ("fail", "unknown", "pass", "none", "info")),
    ("fail", "paper"),
    ("paper", "fail"),
    ("paper", "ink"),
    ("head-ink", "head"),
    ("head-muted", "head"),
]
SHAPE_ON = [
    ("focus", "paper"),
    ("edge", "paper"),
    ("bar-pass", "bar-fail"),
    ("bar-stripe", "bar-maybe"),
    ("fail-edge", "paper"),
    ("pass-edge", "paper"),
    ("unknown-edge", "paper"),
    ("none-edge", "paper"),
]


def palettes() -> dict[str, dict[str, str]]:
    light, dark = (
        dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", block))
        for block in re.findall(r":root \{([^}]*)\}", STYLE)[:2]
    )
    return {"light": light, "dark": {**light, **dark}}


def luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.2, definition)."""
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_contrast_is_computed_as_the_rule_says() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), TEXT_ON)
def test_text_stands_out_from_its_ground(scheme: str, ink: str, ground: str) -> None:
    colours = palettes()[scheme]
    assert contrast(colours[ink], colours[ground]) >= 4.5


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("shape", "ground"), SHAPE_ON)
def test_shapes_stand_out_from_their_ground(scheme: str, shape: str, ground: str) -> None:
    colours = palettes()[scheme]
    assert contrast(colours[shape], colours[ground]) >= 3


def test_no_colour_stands_outside_the_palette() -> None:
    outside = re.sub(r":root \{[^}]*\}", "", STYLE)
    assert set(re.findall(r"#[0-9a-fA-F]{3,8}\b", outside)) <= {"#000000"}
    used = set(re.findall(r"var\(--([a-z-]+)\)", STYLE))
    assert used <= set(palettes()["light"])


def test_the_style_sheet_fetches_nothing_and_cannot_end_its_element() -> None:
    assert "url(" not in STYLE
    assert "@import" not in STYLE
    assert "</" not in STYLE


def test_there_is_a_style_for_print_for_narrow_screens_and_for_forced_colours() -> None:
    for query in ("@media print", "max-width: 39.99rem", "prefers-color-scheme: dark", "forced-colors: active"):
        assert query in STYLE
