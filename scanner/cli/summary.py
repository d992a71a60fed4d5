"""The summary on a terminal: what a tired clerk can read at the end of a scan."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from reports.problems import Unseen, UnseenByCause
from reports.view import PrincipleScore, Report, scores_by_principle, worst
from reports.words import CAUSE_WORDS, number, percent, score_short
from scanner.app.pipes import discard
from scanner.cli.console import words
from scanner.model.finding import Finding, Severity, Status, Tally
from scanner.model.principle import Assessment

_WORST = 5
_STYLES = {Severity.CRITICAL: "bold red", Severity.HIGH: "red", Severity.MEDIUM: "yellow"}


def show_summary(report: Report, paths: Iterable[Path], out: Console) -> None:
    """Prints principles with score intervals and coverage, the worst findings with their fix, and where reports are.

    A reader that leaves early (`scan | head`) changes nothing of how a scan ends.
    """
    try:
        _show(report, paths, out)
    except (BrokenPipeError, SystemExit):  # rich ends the program where a pipe has closed
        discard(out.file)


def _show(report: Report, paths: Iterable[Path], out: Console) -> None:
    out.print(words(f"{report.inventory.municipality.name}: run {report.run.id}", "bold"))
    if not report.run.complete:
        out.print(words("This run did not ask all its questions; `civicseal scan --resume` goes on with it."))
    if report.run.scope.only or report.run.scope.check:
        out.print(words("This scan looked at a part of the inventory: its scores speak of that part alone."))
    out.print(_principles(scores_by_principle(report)))
    _show_worst(worst(report, _WORST), out)
    _show_unseen(report, out)
    for path in paths:
        out.print(Text.assemble(("Report: ", "bold"), str(path)), soft_wrap=True)


def _principles(scores: Sequence[PrincipleScore]) -> Table:
    table = Table(box=None, pad_edge=False, title="Principles", title_justify="left")
    for heading, justify in (("Principle", "left"), ("Score", "right"), ("Coverage", "right"), ("Findings", "left")):
        table.add_column(heading, justify="right" if justify == "right" else "left")
    for score in (each for each in scores if each.assessed and each.tally != Tally()):
        name = f"{score.principle.id} {score.principle.title}"
        coverage = score.tally.coverage
        shown = "–" if coverage is None else percent(coverage)
        table.add_row(name, score_short(score.tally), shown, _counts(score.tally))
    for what, ids in _without_score(scores):
        table.add_row(f"{', '.join(ids)}: {what}", "–", "–", "")
    return table


def _without_score(scores: Sequence[PrincipleScore]) -> Iterator[tuple[str, list[str]]]:
    """The principles that have no score, by the reason why: never shown as met."""
    empty = [score for score in scores if score.tally == Tally()]
    judged = [score.principle.id for score in empty if score.principle.assessment is Assessment.JUDGED]
    rest = [score.principle.id for score in empty if score.principle.assessment is not Assessment.JUDGED]
    if judged:
        yield "nothing asked in this scan", judged
    if rest:
        yield "not assessed yet", rest


def _counts(tally: Tally) -> str:
    parts = [f"{tally.passed} pass", f"{tally.failed} fail", f"{tally.unknown} unknown"]
    parts += [f"{tally.error} error"] if tally.error else []
    parts += [f"{tally.waived} of the failures waived"] if tally.waived else []
    return ", ".join(parts)


def _show_worst(findings: Sequence[Finding], out: Console) -> None:
    if not findings:
        return
    out.print()
    out.print(words("Worst findings", "italic"))
    for place, finding in enumerate(findings, start=1):
        where = f"{finding.asset} {finding.subject}" if finding.subject else finding.asset
        waived = " (waived)" if finding.waiver else ""
        head = Text(f"{place}. ") + words(finding.severity.value, _STYLES.get(finding.severity, ""))
        out.print(head + words(f" {finding.check} on {where}{waived}: ") + words(finding.reason))
        if finding.fix:
            out.print(Padding(Text("Fix: ") + words(finding.fix), (0, 0, 0, 3)))


def _show_unseen(report: Report, out: Console) -> None:
    """What could not be answered, by cause: never left for the dashboard alone to say. Counted as in the scores."""
    unseen = UnseenByCause()
    for finding in report.findings:
        if finding.status in (Status.UNKNOWN, Status.ERROR) and finding.severity is not Severity.INFO:
            unseen.add(finding)
    causes = unseen.most_first()
    if causes:
        out.print()
        out.print(words("Could not be seen (the report says what to do about each)", "italic"))
    for cause in causes:
        out.print(words(_told(cause)))
    out.print()


def _told(unseen: Unseen) -> str:
    """One cause in a line; where one asset or one reason is behind it, that too."""
    title = CAUSE_WORDS[unseen.cause].title
    questions = f"{number(unseen.questions)} question{'s' if unseen.questions != 1 else ''}"
    where = unseen.gaps[0].asset if unseen.assets == 1 else f"{number(unseen.assets)} assets"
    return f"- {title}: {questions} on {where}{_why(unseen)}"


def _why(unseen: Unseen) -> str:
    """The reason, if there is one alone or one asset alone; nothing where there are more."""
    reasons: Counter[str] = Counter()
    for gap in unseen.gaps:
        reasons[gap.detail] += gap.questions
    [(reason, count)] = reasons.most_common(1)
    if count == unseen.questions:
        return f". {reason}"
    return f". Most often: {reason}" if unseen.assets == 1 else "."
