"""Fixtures that several parts of the tests share."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Generator

import pytest


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """In CI a test that skips has failed: what CI does not test, nobody tests."""
    report = yield
    if report.skipped and os.environ.get("CI") and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped in CI: {report.longrepr}"
    return report


@pytest.fixture
def needs() -> Callable[[str], str]:
    """`needs("sshd")` gives the program's path; without it the test skips with the reason, and fails in CI."""

    def find(program: str) -> str:
        found = shutil.which(program, path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")
        if found:
            return found
        message = f"{program} is not installed on this machine"
        if os.environ.get("CI"):
            pytest.fail(f"{message}, and CI must have it")
        pytest.skip(message)

    return find
