"""The ten principles of *Protecting Data, Protecting Residents* (2017), as data.

The titles are short forms in our words. What a machine can measure of each is said beside it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Assessment(StrEnum):
    """How far civicseal judges a principle. Never assessed is never met."""

    JUDGED = "judged"
    PARTLY = "partly judged"
    NOT_YET = "not assessed yet"


@dataclass(frozen=True, kw_only=True)
class Principle:
    """One principle: its id (P1 to P10), title, and how far it is judged."""

    id: str
    title: str
    assessment: Assessment = Assessment.NOT_YET


P1 = Principle(id="P1", title="Collect no sensitive information that is not necessary")
P2 = Principle(id="P2", title="Decide without written documentation where possible")
P3 = Principle(id="P3", title="Delete sensitive data that no law requires", assessment=Assessment.PARTLY)
P4 = Principle(id="P4", title="Keep no identifiable databases of vulnerable groups")
P5 = Principle(
    id="P5", title="Store no sensitive data with less-protective third parties", assessment=Assessment.JUDGED
)
P6 = Principle(id="P6", title="Encrypt sensitive data and communications", assessment=Assessment.JUDGED)
P7 = Principle(id="P7", title="Inventory the practices that share sensitive information")
P8 = Principle(id="P8", title="Publish policies and requests that share sensitive information")
P9 = Principle(id="P9", title="Limit individual employees' discretion to share data")
P10 = Principle(id="P10", title="Create a municipal oversight body")

PRINCIPLES: tuple[Principle, ...] = (P1, P2, P3, P4, P5, P6, P7, P8, P9, P10)
