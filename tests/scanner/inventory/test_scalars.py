from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.inventory.scalars import iso_date, plain_scalar


@pytest.mark.parametrize("text", ["yes", "no", "on", "off", "Y", "n", "NO", "No", "0123", "0o17", "0x1F", "1_000",
                                  "22:00", "1:30:00", "+.e5", ".", "-", "2027-13-01", "2027-1-1", ".inf", ".nan",
                                  "1e9999", "99999999999999999999", "1.2.3.4", "0b1", "='", "12 "])  # fmt: skip
def test_everything_unusual_stays_text(text: str) -> None:
    assert plain_scalar(text) == text


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None),
        ("~", None),
        ("null", None),
        ("true", True),
        ("False", False),
        ("0", 0),
        ("-12", -12),
        ("+7", 7),
        ("0.5", 0.5),
        (".5", 0.5),
        ("1e3", 1000.0),
        ("5.", 5.0),
        ("2027-06-30", date(2027, 6, 30)),
    ],
)
def test_numbers_booleans_null_and_days_are_read(text: str, value: object) -> None:
    assert plain_scalar(text) == value
    assert type(plain_scalar(text)) is type(value)


@given(st.text())
def test_no_text_makes_it_fail(text: str) -> None:
    plain_scalar(text)
    iso_date(text)


def test_digits_of_other_scripts_are_no_numbers() -> None:
    assert plain_scalar("٣") == "٣"
    assert iso_date("２０２７-０１-０１") is None
