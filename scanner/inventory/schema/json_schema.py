"""JSON Schema of `inventory.yaml`, for editors."""

from __future__ import annotations

from typing import Any

from scanner.inventory.schema.document import SECTIONS, DocumentModel


def json_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of the inventory. It cannot say what hangs on references or files."""
    schema = DocumentModel.model_json_schema()
    definitions = schema["$defs"]
    for section, model in SECTIONS.items():
        whole = definitions[model.__name__]
        partial = {key: value for key, value in whole.items() if key != "required"}
        definitions[f"{model.__name__}Defaults"] = {**partial, "title": f"Defaults of {section}"}
        _defaults_of(schema)["properties"][section] = {"$ref": f"#/$defs/{model.__name__}Defaults"}
    schema["patternProperties"] = {"^x-": {"description": "Ignored; a place for YAML anchors."}}
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def _defaults_of(schema: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = schema["$defs"]["DefaultsModel"]
    return found
