"""`python -m scanner.app.write_documents` writes `docs/checks/` and `docs/policy.md` anew."""

from __future__ import annotations

from pathlib import Path

from scanner.app.documents import pages
from scanner.app.policy_document import policy_page


def write(folder: Path) -> None:
    """Writes every page and removes those of checks that are gone."""
    folder.mkdir(parents=True, exist_ok=True)
    current = pages()
    for stale in (path for path in folder.glob("*.md") if path.name not in current):
        stale.unlink()
    for name, text in current.items():
        (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write(Path("docs/checks"))
    Path("docs/policy.md").write_text(policy_page(), encoding="utf-8")
