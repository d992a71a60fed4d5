"""The template engine: everything escaped, nothing undefined, foreign text made harmless before it is printed."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from reports import assets, docs, words
from reports.alike import alike
from reports.counting import is_waived
from reports.distinguished import common_name
from reports.moments import period
from reports.names import safe_name
from reports.packs import clauses, disagreement, pack_lines, packs_in_short
from reports.renewals import Renewer
from reports.subjects import subject_words
from reports.text import cut, harmless
from scanner.model.finding import Severity, Status
from scanner.model.packs import PACKS
from scanner.model.principle import Assessment

_FOLDER = Path(__file__).parent / "templates"


@cache
def environment() -> Environment:
    """The one environment of the dashboard."""
    made = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_finalize,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    style = (_FOLDER / "style.css").read_text(encoding="utf-8")
    made.globals.update(
        style=Markup(style),  # noqa: S704 (our own file)
        style_hash=_content_hash(style),
        words=words,
        assets=assets,
        Status=Status,
        Severity=Severity,
        Assessment=Assessment,
        PACKS=PACKS,
        Renewer=Renewer,
        period=period,
        subject_words=subject_words,
        is_waived=is_waived,
    )
    made.tests["waived"] = is_waived
    made.filters.update(
        alike=alike,
        common_name=common_name,
        cut=cut,
        safe_name=safe_name,
        percent=words.percent,
        number=words.number,
        day=words.day,
        moment=words.moment,
        timestamp=words.timestamp,
        spans=docs.spans,
        parse_doc=docs.parse_doc,
        clauses=clauses,
        disagreement=disagreement,
        pack_lines=pack_lines,
        packs_in_short=packs_in_short,
    )
    return made


def _finalize(value: object) -> object:
    """What every printed value passes through before it is escaped."""
    return harmless(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _content_hash(style: str) -> str:
    """The style sheet's hash as a Content Security Policy names it."""
    return "sha256-" + base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
