"""The dashboard: a folder of static pages, without scripts and without a request to anywhere.

Pages are replaced as a whole: a full disk or a crash leaves the report that was there before.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from reports.folder import NewPages, replaced_folder
from reports.names import link, safe_name
from reports.overview import AssetLine, Overview, overview
from reports.plan import LINES_PER_TABLE, AssetPage, Plan, part_name, plan_pages
from reports.renewals import FORECAST_DAYS, Calendar, calendar
from reports.stream import FindingStream, Told, told
from reports.templating import environment
from reports.view import Report


def write(report: Report, path: Path) -> Path:
    """Writes the dashboard and returns the path of its first page.

    `X.html` (or `.htm`) names the first page and puts the others in `X_files/`; any other path is a folder that gets
    an `index.html`. Folders are made (mode 0700); files have mode 0600. Pages of an earlier report are removed.

    Raises:
        OSError: if something cannot be written; what stood there before is then untouched.
    """
    site = Site.at(path)
    summary = overview(report)
    with replaced_folder(site.folder, site.first) as pages:
        _Writer(report, site, summary, plan_pages(summary.assets), pages).write()
    return site.first


@dataclass(frozen=True, kw_only=True)
class Site:
    """Where the pages go.

    Attributes:
        first: the page that readers open.
        folder: the folder of all other pages.
        prefix: from the first page's folder to `folder`, empty or `X_files/`.
    """

    first: Path
    folder: Path
    prefix: str

    @classmethod
    def at(cls, path: Path) -> Site:
        """Reads the path as the user gave it.

        Raises:
            IsADirectoryError: if it names a page and a folder of that name is there.
        """
        if path.suffix.lower() not in (".html", ".htm"):
            return cls(first=path / "index.html", folder=path, prefix="")
        if path.is_dir():
            raise IsADirectoryError(f"{path} is a folder, and the report's first page cannot take its place")
        folder = path.with_name(f"{path.stem}_files")
        return cls(first=path, folder=folder, prefix=f"{folder.name}/")


class _Writer:
    """Renders every page of one report."""

    def __init__(self, report: Report, site: Site, summary: Overview, plan: Plan, pages: NewPages) -> None:
        self._report = report
        self._site = site
        self._summary = summary
        self._plan = plan
        self._pages = pages
        self._templates = environment()
        lines = sorted(summary.assets, key=lambda line: line.id)
        self._tables = [lines[at : at + LINES_PER_TABLE] for at in range(0, len(lines), LINES_PER_TABLE)] or [[]]

    def write(self) -> None:
        """Asset pages first: the first page can then only ever name pages that exist."""
        stream = FindingStream(self._report.findings)
        for page in self._plan.pages:
            self._asset_page(page, [told(piece, stream) for piece in page.pieces])
        stream.expect_end()
        for number in range(2, len(self._tables) + 1):
            self._page(_table_page(number), "assets.html.j2", number=number)
        self._renewals(calendar(self._report))
        self._page("problems.html", "problems.html.j2")
        self._page("checks.html", "checks.html.j2")
        with self._pages.first_page() as out:
            out.write(self._render(self._site.first.name, "index.html.j2", number=1))

    def _asset_page(self, page: AssetPage, pieces: list[Told]) -> None:
        self._page(page.name, "asset.html.j2", pieces=pieces)

    def _renewals(self, dates: Calendar) -> None:
        """The renewal calendar; what does not fit on its first page goes to others."""
        most = LINES_PER_TABLE
        parts = [dates.renewals[at : at + most] for at in range(0, len(dates.renewals), most)] or [()]
        shared = {"calendar": dates, "limits": FORECAST_DAYS, "count": len(parts)}
        for number, part in enumerate(parts, 1):
            self._page(_renewals_page(number), "renewals.html.j2", number=number, part=part, **shared)

    def _page(self, name: str, template: str, **context: object) -> None:
        with self._pages.page(name) as out:
            out.write(self._render(self._site.prefix + name, template, **context))

    def _render(self, here: str, template: str, **context: object) -> str:
        links = Links(self._site, self._plan, here)
        shared = {"report": self._report, "run": self._report.run, "summary": self._summary, "links": links}
        return self._templates.get_template(template).render(**shared, tables=self._tables, **context)


def _table_page(number: int) -> str:
    return f"assets-{number}.html"


def _renewals_page(number: int) -> str:
    return "renewals.html" if number == 1 else f"renewals-{number}.html"


class Links:
    """Relative addresses as seen from one page."""

    def __init__(self, site: Site, plan: Plan, here: str) -> None:
        self._site = site
        self._plan = plan
        self._here = here

    def first(self, anchor: str = "") -> str:
        """The first page."""
        return link(self._here, self._site.first.name, anchor)

    def page(self, name: str, anchor: str = "") -> str:
        """Another page."""
        return link(self._here, self._site.prefix + name, anchor)

    def table(self, number: int) -> str:
        """A page of the asset table, counted from 1."""
        return self.first("assets") if number == 1 else self.page(_table_page(number))

    def renewals(self, number: int = 1) -> str:
        """A page of the renewal calendar, counted from 1."""
        return self.page(_renewals_page(number))

    def check(self, check: str) -> str:
        """The help on a check."""
        return self.page("checks.html", f"check-{safe_name(check)}")

    def asset(self, asset: str) -> str:
        """Where an asset is told; the first page for one that no page tells."""
        page = self._plan.page_of.get(asset)
        return self.page(page, f"asset-{safe_name(asset)}") if page else self.first("assets")

    def part(self, line: AssetLine, part: int) -> str:
        """One part of an asset that is spread over several pages."""
        return self.page(part_name(line, part))
