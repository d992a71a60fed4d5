from pathlib import Path

from scanner.inventory import json_schema
from scanner.model.policy import Policy

PAGE = Path(__file__).parents[3] / "docs" / "inventory.md"


def test_the_reference_names_every_key() -> None:
    page = PAGE.read_text(encoding="utf-8")
    schema = json_schema()
    keys = {key for each in (schema, *schema["$defs"].values()) for key in each.get("properties", {})}
    missing = [key for key in sorted(keys) if f"`{key}`" not in page and f"`{{{key}: " not in page]
    assert missing == []


def test_the_reference_names_every_policy_value_with_its_default() -> None:
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    for name, value in vars(Policy()).items():
        [row] = [line for line in lines if line.startswith(f"| `{name}` |")]
        if isinstance(value, int | float):
            assert f"`{str(value).lower()}`" in row


def test_the_first_inventory_of_the_reference_loads(load_text) -> None:
    page = PAGE.read_text(encoding="utf-8")
    text = page.split("## A first inventory")[1].split("```yaml\n")[1].split("```")[0]
    assert [asset.id for asset in load_text(text).assets] == ["www"]
