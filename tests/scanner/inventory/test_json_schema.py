import datetime
import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from scanner.inventory import json_schema

EXAMPLE = Path(__file__).with_name("riverton.yaml")


def as_json(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: as_json(item) for key, item in value.items()}
    if isinstance(value, list):
        return [as_json(item) for item in value]
    return value.isoformat() if isinstance(value, datetime.date) else value


def wrong(document: Any) -> list[str]:
    return [error.json_path for error in Draft202012Validator(json_schema()).iter_errors(as_json(document))]


def test_it_is_a_schema_that_accepts_the_example() -> None:
    Draft202012Validator.check_schema(json_schema())
    assert wrong(yaml.safe_load(EXAMPLE.read_text())) == []
    json.dumps(json_schema())


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"version": 2},
        {"version": 1, "websits": []},
        {"version": 1, "settings": {"timeout": 0}},
        {"version": 1, "policy": {"permitted_countries": ["usa"]}},
        {"version": 1, "hosts": [{"id": "h", "platform": "linux", "access": {"password": "literal"}}]},
        {"version": 1, "hosts": [{"id": "h", "platform": "linux", "access": {"password": {"env": "A", "file": "b"}}}]},
        {"version": 1, "defaults": {"hosts": {"acess": {}}}},
        {"version": 1, "waivers": [{"check": "a"}]},
    ],
)
def test_it_marks_what_the_loader_would_refuse(document: Any) -> None:
    assert wrong(document)


@pytest.mark.parametrize(
    "document",
    [
        {"version": 1, "x-anchors": {"a": [1]}},
        {"version": 1, "defaults": {"hosts": {"access": {"user": "a"}}}},
        {"version": 1, "websites": [{"id": "a", "url": "https://a.gov", "http_url": None}]},
    ],
)
def test_it_accepts_what_the_loader_accepts(document: Any) -> None:
    assert wrong(document) == []


def test_every_key_has_a_description() -> None:
    schema = json_schema()
    bare = [
        f"{name}.{key}"
        for name, each in {"": schema, **schema["$defs"]}.items()
        for key, value in each.get("properties", {}).items()
        if "description" not in value and "$ref" not in value
    ]
    assert bare == []
