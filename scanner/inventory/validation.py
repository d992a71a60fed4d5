"""Types and ranges: runs the pydantic models and says in plain words what they found.

Nothing of pydantic's own error text is used: it may hold the input.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from scanner.inventory.faults import Fault, part_shown
from scanner.inventory.nearest import nearest_of
from scanner.inventory.schema.document import SECTIONS, DefaultsModel, DocumentModel, model_at
from scanner.inventory.tree import BROKEN, Loc

_TOLD: Mapping[str, str] = {
    "missing": "this key is required; add it",
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "int_parsing_size": "this number is too large",
    "float_type": "must be a number",
    "finite_number": "must be a number",
    "bool_type": "must be true or false, without quotes",
    "list_type": "must be a list; start each item with `- ` or put the items in brackets",
    "dict_type": "must be a mapping of keys and values",
    "model_type": "must be a mapping of keys and values",
    "model_attributes_type": "must be a mapping of keys and values",
    "string_too_short": "must not be empty",
}
_RANGES: Mapping[str, str] = {
    "greater_than": "must be more than {gt:g}",
    "greater_than_equal": "must be at least {ge:g}",
    "less_than": "must be less than {lt:g}",
    "less_than_equal": "must be at most {le:g}",
}


def validate(document: Mapping[str, Any], folder: Path) -> tuple[DocumentModel | None, list[Fault]]:
    """The document as a model, or None with everything that the models find wrong.

    `document` has its defaults merged and is without `x-…` keys; relative paths become absolute against `folder`.
    """
    model, faults = _run(DocumentModel, document, folder, ())
    for section, shared in _unused_defaults(document):
        _, found = _run(SECTIONS[section], shared, folder, ("defaults", section))
        faults += [fault for fault in found if fault.message != _TOLD["missing"]]
    return (model if isinstance(model, DocumentModel) and not faults else None), faults


def _unused_defaults(document: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Defaults that no entry would bring to light, because their list is empty."""
    defaults = document.get("defaults")
    for section, shared in defaults.items() if isinstance(defaults, dict) else ():
        if section in DefaultsModel.model_fields and isinstance(shared, dict) and not document.get(section):
            yield section, shared


def _run(model: type[BaseModel], data: Any, folder: Path, above: Loc) -> tuple[BaseModel | None, list[Fault]]:
    found: list[ErrorDetails] = []
    try:
        return model.model_validate(data, context={"folder": folder}), []
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False)
    # Told outside of the handler: what is raised later must not carry pydantic's error, which holds the input.
    return None, [fault for each in found if (fault := _fault(each, data, above))]


def _value_at(data: Any, loc: Loc) -> Any:
    for part in loc:
        if isinstance(data, dict) and isinstance(part, str):
            data = data.get(part)
        elif isinstance(data, list) and isinstance(part, int) and part < len(data):
            data = data[part]
        else:
            return None
    return data


def _fault(error: ErrorDetails, data: Any, above: Loc) -> Fault | None:
    value = _value_at(data, error["loc"])
    loc = (*above, *error["loc"])
    if error["type"] == "extra_forbidden":
        return _unknown_key(loc, value)
    if value is BROKEN:
        return None  # the reader has told it
    return Fault(loc, _message(error, value))


def _message(error: ErrorDetails, value: Any) -> str:
    kind, context = error["type"], error.get("ctx", {})
    if kind == "wrong":
        return error["msg"]
    if value is None and kind != "missing":
        return "must have a value; add it, or remove the key"
    if kind == "literal_error":
        return _choice(str(context.get("expected", "")), value)
    if kind == "string_type":
        simple = not isinstance(value, list | dict)
        return "must be text; put it in quotes" if simple else "must be text, not a list or a mapping"
    if kind in _RANGES:
        return _RANGES[kind].format(**context)
    return _TOLD.get(kind, "this value is not valid here; see docs/inventory.md")


def _choice(expected: str, value: Any) -> str:
    """One of a few words; `expected` is pydantic's list of our own literals, such as `'ssh', 'winrm' or 'local'`."""
    words = [word.strip("' ") for word in expected.replace(" or ", ",").split(",")]
    if len(words) == 1:
        return f"must be {words[0]}, without quotes"
    return f"must be one of {', '.join(words)}{nearest_of(tuple(words)).hint(value)}"


def _unknown_key(loc: Loc, value: Any) -> Fault:
    """A key that is not known; it is named where it surely is a key and no secret in a wrong place."""
    *above, name = loc
    model = model_at(tuple(above))
    names = list(model.model_fields) if model else []
    near = nearest_of(tuple(names)).to(name)
    told = f"did you mean {near}?" if near else f"the keys here are {', '.join(names)}"
    # A key without a value may be a secret in braces: `{hunter2}`.
    if isinstance(name, str) and part_shown(tuple(above), name) and (value is not None or near):
        return Fault(loc, f"this key is not known here; {told}")
    return Fault(tuple(above), f"a key here is not known, and not shown as it may hold a secret; {told}")
