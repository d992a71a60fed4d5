"""A contract that protects residents binds every vendor.

What it checks
--------------
Reads what the inventory attests about the contract with a vendor: that there is one, that it holds every clause in
`required_clauses` of the policy (default: notice of a demand, challenging a demand, no secondary use, return and
deletion, a list of subprocessors), that it has not expired, and that the attestation is not older than
`attestation_max_months` (default 12) where it is dated. A document that the inventory names must be there; its SHA-256
stands in the evidence.

Why it matters
--------------
A demand for records goes to whoever holds them. Without a clause that makes the vendor tell the city and challenge the
demand, the city never learns of it and cannot defend its residents. Without limits on use, records are sold or mined.

How to fix
----------
Have the contract amended with the missing clauses at the next renewal or now, and attest it in the inventory under the
vendor's `contract`: document, expires, attested, and each clause. Never attest a clause that the text does not hold.

What it cannot see
------------------
Whether the text really says so, and whether the vendor keeps to it: a person attests that. A document that is a scan of
the wrong contract looks like any other.

References
----------
- 18 USC 2703 and 2705(b): demands for stored records, and delayed notice
- 18 USC 2709(c): orders not to tell
- Principle 5 of Protecting Data, Protecting Residents (2017): limit sharing through clear language in the contract
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from scanner.model.ages import older
from scanner.model.asset import Contract, Vendor
from scanner.model.check import check
from scanner.model.facts.contract import ContractFacts
from scanner.model.finding import Evidence, Severity, Verdict, failed, passed, undecided
from scanner.model.policy import Policy
from scanner.model.principle import P5
from scanner.model.sentences import sentence
from scanner.model.unobserved import Unobserved

_WORDS = {
    "notice_of_demand": "notice to the city of every demand for its data",
    "challenge_demand": "a duty to challenge demands",
    "no_secondary_use": "no use of the data for anything else",
    "return_and_delete": "return and deletion of the data at the end",
    "subprocessors_listed": "a list of all subprocessors",
    "data_location_fixed": "a fixed place for the data",
}


@check(
    id="vendor-contract",
    title="A contract that protects residents binds the vendor",
    principle=P5,
    severity=Severity.HIGH,
)
def vendor_contract(vendor: Vendor, seen: ContractFacts | Unobserved, policy: Policy, now: datetime) -> Verdict:
    """Passes with a contract that is valid, freshly attested, complete in its clauses, and whose document is there."""
    contract = vendor.contract
    if contract is None:
        return failed(
            f"There is no contract with {vendor.name} in the inventory.",
            fix=f"Make a contract with {vendor.name} that holds {_listed(policy.required_clauses)}, "
            "and attest it in the inventory.",
            evidence=[Evidence(fact="contract", value="none declared")],
        )
    evidence = list(_evidence(contract))
    faults = list(_faults(contract, policy, now.date()))
    if faults:
        reasons, fixes = zip(*faults, strict=True)
        reason = f"The contract with {vendor.name} does not hold up: {'; '.join(reasons)}."
        return failed(reason, fix=sentence("; ".join(fixes)), evidence=evidence)
    if isinstance(seen, Unobserved):
        return undecided(seen, evidence=evidence)
    return passed(
        f"The contract with {vendor.name} holds every required clause and is valid.",
        evidence=[*evidence, *_document(seen)],
    )


def _faults(contract: Contract, policy: Policy, today: date) -> Iterator[tuple[str, str]]:
    """Each rule that the contract breaks, with what to do about it."""
    held = {name for name, holds in contract.clauses if holds} - {name for name, holds in contract.clauses if not holds}
    missing = [name for name in policy.required_clauses if name not in held]
    if missing:
        yield f"it lacks {_listed(missing)}", f"have the contract amended with {_listed(missing)}"
    if contract.expires is not None and contract.expires < today:
        yield f"it expired on {contract.expires.isoformat()}", "renew the contract"
    if contract.attested is not None and contract.attested > today:
        told = f"its attestation is dated in the future ({contract.attested.isoformat()})"
        yield told, "correct the date under attested in the inventory"
    elif contract.attested is not None and older(contract.attested, policy.attestation_max_months, today):
        told = (
            f"it was last attested on {contract.attested.isoformat()}, over {policy.attestation_max_months} months ago"
        )
        yield told, "have somebody read the contract again and attest it"


def _listed(clauses: tuple[str, ...] | list[str]) -> str:
    """Clauses in plain words; a clause of the city's own by its name."""
    return ", ".join(_WORDS.get(name, name.replace("_", " ")) for name in clauses) or "the clauses that the city needs"


def _evidence(contract: Contract) -> Iterator[Evidence]:
    """What the inventory attests."""
    if contract.expires is not None:
        yield Evidence(fact="expires", value=contract.expires.isoformat())
    if contract.attested is not None:
        yield Evidence(fact="attested", value=contract.attested.isoformat())
    for name, holds in contract.clauses:
        yield Evidence(fact=f"clause {name}", value="yes" if holds else "no")


def _document(seen: ContractFacts) -> Iterator[Evidence]:
    """The document, with its digest."""
    if seen.document is None:
        yield Evidence(fact="document", value="none named in the inventory")
    else:
        yield Evidence(fact="document", value=f"{seen.document.name}, SHA-256 {seen.document.sha256}")
