"""The inventory: `inventory.yaml` to `scanner.model.inventory.Inventory`, with errors that name file, line and key."""

from scanner.inventory.loading import load
from scanner.inventory.problems import InventoryError, Problem
from scanner.inventory.schema.json_schema import json_schema
from scanner.inventory.single import for_url
from scanner.inventory.snapshot import from_snapshot

__all__ = ["InventoryError", "Problem", "for_url", "from_snapshot", "json_schema", "load"]
