"""Questions to AWS-like APIs over boto3: one client per login, region and endpoint, each call under a deadline.

boto3 is slow to load and blocking: it is loaded with the first client, and every call runs in a thread of its own.
Requests leave through `_aws_http`, only to addresses that the run permits, and their replies are bounded.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from scanner.model.asset import CloudCredential
from scanner.model.sentences import capitalised
from scanner.model.unobserved import Cause, Unobserved
from scanner.transports._aws_client import AwsTarget, Login, build_client
from scanner.transports._aws_errors import error_code, region_told, unobserved_from_error
from scanner.transports._threads import in_thread
from scanner.transports.addresses import Addresses

_BACKOFF = 4.0  # seconds that the SDK may wait between its attempts

__all__ = ["Answer", "AwsClients", "AwsTarget", "Login", "Question", "Reach", "region_told", "unobserved_from_error"]


@dataclass(frozen=True, kw_only=True)
class Question:
    """One read-only API call.

    Attributes:
        operation: method of the boto3 client.
        api: the name in the provider's documentation.
        permission: the IAM action that it needs.
        root: name of the reply's outermost XML element; None where the reply has no body.
        absent: error codes that mean "none is configured", which is an answer.
    """

    operation: str
    api: str
    permission: str
    root: str | None = None
    absent: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What came back.

    Attributes:
        data: what the SDK parsed, empty where none is configured, or why there is nothing.
        target: where it came from in the end, for the questions that follow.
        region: the bucket's region as the reply's header names it, also where access is denied.
        settled: the region that the server names again when it is asked there: no answer, but the place is told.
        body: the raw reply.
    """

    data: Mapping[str, Any] | Unobserved
    target: AwsTarget
    region: str | None = None
    settled: str | None = None
    body: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, kw_only=True)
class Reach:
    """How questions leave: where packets may go, and the seconds for one step (connecting, one silence)."""

    addresses: Addresses
    step: float

    @property
    def deadline(self) -> float:
        """Seconds for a whole call with its attempts; an answer that takes longer is given up."""
        return 2 * self.step + _BACKOFF


class AwsClients:
    """The clients of one run, made once each. Making one may hang (a credential process), so others do not wait."""

    def __init__(self) -> None:
        self._making: dict[AwsTarget, asyncio.Task[Any | Unobserved]] = {}
        self._logins: dict[CloudCredential, asyncio.Task[Login | Unobserved]] = {}

    async def login(
        self, credential: CloudCredential, make: Callable[[CloudCredential], Coroutine[Any, Any, Login | Unobserved]]
    ) -> Login | Unobserved:
        """The login of a credential, made once per run: a reference may run a command or ask a person."""
        task = self._logins.get(credential)
        if task is None:
            task = asyncio.create_task(make(credential))
            self._logins[credential] = task
        return await asyncio.shield(task)

    async def ask(
        self, target: AwsTarget, question: Question, parameters: Mapping[str, Any], *, reach: Reach, what: str
    ) -> Answer:
        """Asks one question, once more in the region that the server tells.

        Args:
            what: the thing that is asked, in words, for the detail of a gap.
        """
        answer, moved = await self._ask(target, question, parameters, reach, what)
        if moved is not None and moved != target.region:
            target = replace(target, region=moved)
            answer, again = await self._ask(target, question, parameters, reach, what)
            answer = replace(answer, settled=moved if again == moved else None)
        return answer

    async def _ask(
        self, target: AwsTarget, question: Question, parameters: Mapping[str, Any], reach: Reach, what: str
    ) -> tuple[Answer, str | None]:
        """The answer, and the region in which the server wants to be asked instead."""
        client = await self._client(target, reach)
        if isinstance(client, Unobserved):
            return Answer(data=client, target=target), None
        from scanner.transports._aws_http import CALL, Call  # loads the SDK, which by now is loaded

        call = Call()

        def send() -> Mapping[str, Any]:
            """Makes the call in a thread of its own."""
            CALL.set(call)
            reply: Mapping[str, Any] = getattr(client, question.operation)(**parameters)
            return reply

        moved = None
        try:
            data = await in_thread(send, deadline=reach.deadline, on_expiry=call.give_up)
            outcome: Mapping[str, Any] | Unobserved = _checked(data, call.body, question, what)
        except Exception as error:  # whatever a peer's reply makes the SDK raise
            moved = region_told(error)
            outcome = _refused(error, question, what)
        return Answer(data=outcome, target=target, region=call.region, body=call.body), moved

    async def _client(self, target: AwsTarget, reach: Reach) -> Any | Unobserved:
        task = self._making.get(target)
        if task is None:
            task = asyncio.create_task(_make(target, reach))
            self._making[target] = task
        return await asyncio.shield(task)


def _checked(data: Mapping[str, Any], body: bytes, question: Question, what: str) -> Mapping[str, Any] | Unobserved:
    """The reply, if it is the one that was asked for: the SDK also parses a stranger's web page, into nothing."""
    found = re.search(rb"<(?:[\w.-]+:)?([A-Za-z][\w.-]*)", body[:4096])
    if question.root is None or (found is not None and found[1].decode() == question.root):
        return data
    if not body.strip() and question.absent:
        return {}  # Ceph answers an empty reply where nothing is configured
    detail = f"{what} answered {question.api} with something else; check that the endpoint is an S3 server."
    return Unobserved(cause=Cause.MALFORMED, detail=capitalised(detail))


def _refused(error: Exception, question: Question, what: str) -> Mapping[str, Any] | Unobserved:
    if error_code(error) in question.absent:
        return {}
    return unobserved_from_error(error, permission=question.permission, target=what)


async def _make(target: AwsTarget, reach: Reach) -> Any | Unobserved:
    """A client, or why there is none. The credential chain may ask a metadata service or run a process."""
    loop = asyncio.get_running_loop()

    def lookup(host: str) -> tuple[str, ...] | Unobserved:
        """Asks for addresses from a thread that is not the event loop's."""
        asking = reach.addresses.of(host)
        try:
            return asyncio.run_coroutine_threadsafe(asking, loop).result(reach.deadline)
        except RuntimeError:  # the scan has ended: nobody waits for this thread any more
            asking.close()
            return Unobserved(cause=Cause.INTERRUPTED, detail="The scan ended before this was asked.")

    try:
        return await in_thread(lambda: build_client(target, lookup, reach.step), deadline=reach.deadline)
    except Exception as error:  # the SDK has many ways to refuse a profile, a region or an endpoint
        return _not_made(error, target)


def _not_made(error: Exception, target: AwsTarget) -> Unobserved:
    """Why there is no client; the words name no asset, since many may share it."""
    if isinstance(error, TimeoutError):
        return Unobserved(cause=Cause.CREDENTIALS, detail=f"No AWS credentials came in time from {target.login}.")
    if isinstance(error, OSError):
        name = target.ca_bundle.name if target.ca_bundle else "system's"
        detail = f"The ca_bundle {name} cannot be read as PEM certificates; check the file."
        return Unobserved(cause=Cause.NOT_DECLARED, detail=detail)
    if isinstance(error, ValueError):
        detail = f"The S3 endpoint {target.endpoint or 'of AWS'} or its region is not valid; correct the inventory."
        return Unobserved(cause=Cause.UNSUPPORTED, detail=detail)
    return unobserved_from_error(error, permission="", target=str(target.login))
