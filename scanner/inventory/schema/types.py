"""The kinds of single values: ids, texts, paths, countries, addresses, days. Messages never repeat the value."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, WithJsonSchema

from scanner.inventory import addresses
from scanner.inventory.addresses import wrong
from scanner.inventory.scalars import iso_date

MAX_ID = 128
MAX_LINE = 500
MAX_TEXT = 8000
MAX_PATH = 4096

# Controls, lone surrogates, and the signs that turn the direction of text (UAX 9, section 2): a note may break lines.
_UNFIT = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_COUNTRY = re.compile("[A-Z]{2}")
_REGION = re.compile("[a-z0-9][a-z0-9-]{0,63}")


def _id(text: str) -> str:
    if not text.strip() or len(text) > MAX_ID or not text.isprintable():
        raise wrong(f"must be 1 to {MAX_ID} printable characters")
    return text


def _line(text: str) -> str:
    if not text.strip() or len(text) > MAX_LINE or "\n" in text or "\t" in text or _UNFIT.search(text):
        raise wrong(f"must be one line of 1 to {MAX_LINE} characters, without control characters")
    return text


def _text(text: str) -> str:
    if len(text) > MAX_TEXT or _UNFIT.search(text):
        raise wrong(f"must be at most {MAX_TEXT} characters, without control characters")
    return text


def _country(text: str) -> str:
    if not _COUNTRY.fullmatch(text):
        raise wrong("must be a country code of two capital letters (ISO 3166), such as US")
    return text


def _region(text: str) -> str:
    if not _REGION.fullmatch(text):
        raise wrong("must be the provider's name of a region in small letters, such as us-east-1")
    return text


def _date(value: Any) -> Any:
    """Text that names a day becomes the day: a quoted date, or one from a stored run."""
    found = iso_date(value) if isinstance(value, str) else value
    if type(found) is not date:
        raise wrong("must be a day that exists, written as 2027-06-30")
    return found


def resolve_path(text: str, folder: Path) -> str:
    """A path against the inventory's folder, absolute; `~` is the home of the account that scans."""
    if not text.strip() or len(text) > MAX_PATH or _UNFIT.search(text) or "\n" in text or "-----BEGIN" in text:
        raise wrong("must be the path of a file, not the file's content")
    home: Path | None
    try:
        home = Path(text).expanduser()
    except RuntimeError:  # raised by pathlib where it knows no such home
        home = None
    if home is None:
        raise wrong("no home folder is known for the account named after `~`; write the path in full")
    return str(folder / home)


def folder_of(info: ValidationInfo) -> Path:
    """The inventory's folder, which the loader hands to every validation."""
    return Path((info.context or {}).get("folder", "."))


def _path(text: str, info: ValidationInfo) -> str:
    return resolve_path(text, folder_of(info))


Id = Annotated[
    str,
    AfterValidator(_id),
    WithJsonSchema({"type": "string", "minLength": 1, "maxLength": MAX_ID}),
]
Line = Annotated[str, AfterValidator(_line), WithJsonSchema({"type": "string", "minLength": 1, "maxLength": MAX_LINE})]
Text = Annotated[str, AfterValidator(_text), WithJsonSchema({"type": "string", "maxLength": MAX_TEXT})]
FilePath = Annotated[
    str, AfterValidator(_path), WithJsonSchema({"type": "string", "minLength": 1, "maxLength": MAX_PATH})
]
Country = Annotated[str, AfterValidator(_country), WithJsonSchema({"type": "string", "pattern": "^[A-Z]{2}$"})]
Region = Annotated[str, AfterValidator(_region), Field(examples=["us-east-1"])]
Day = Annotated[date, BeforeValidator(_date), WithJsonSchema({"type": "string", "format": "date"})]
Port = Annotated[int, Field(ge=1, le=65535)]
Domain = Annotated[str, AfterValidator(addresses.domain), Field(examples=["riverton.example"])]
HostName = Annotated[str, AfterValidator(addresses.host), Field(examples=["db1.riverton.example", "10.1.2.3"])]
IpLiteral = Annotated[str, AfterValidator(addresses.ip_literal), Field(examples=["10.1.2.3"])]
HostPort = Annotated[str, AfterValidator(addresses.host_port), Field(examples=["mx1.riverton.example:25"])]
Resolver = Annotated[str, AfterValidator(addresses.resolver), Field(examples=["127.0.0.1:5353"])]
Network = Annotated[str, AfterValidator(addresses.network), Field(examples=["10.1.9.0/24"])]
Window = Annotated[str, AfterValidator(addresses.window), Field(examples=["22:00-05:00"])]
HttpsUrl = Annotated[str, AfterValidator(addresses.https_url), Field(examples=["https://www.riverton.example"])]
HttpUrl = Annotated[str, AfterValidator(addresses.http_url), Field(examples=["http://www.riverton.example"])]
EndpointUrl = Annotated[str, AfterValidator(addresses.endpoint_url), Field(examples=["https://s3.example"])]
Days = Annotated[int, Field(gt=0, le=100_000)]
