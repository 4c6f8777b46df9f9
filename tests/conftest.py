"""What every test shares: repeatable random inputs, no display, and the rules for tests that need the data folder."""

import os
from collections.abc import Iterator
from pathlib import Path

os.environ.setdefault("MPLBACKEND", "Agg")  # before anything imports matplotlib: no test needs a display

import pytest
from hypothesis import settings

# The same examples in every run, and no deadline: a busy machine must not fail a test.
settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.load_profile("repeatable")


def _folder() -> Path | None:
    named = os.environ.get("DWMGRAD_DATA")
    return Path(named) if named and Path(named).is_dir() else None


@pytest.fixture(scope="session")
def data_folder() -> Path:
    """The folder DWMGRAD_DATA names; only for tests marked `data`."""
    folder = _folder()
    if folder is None:
        pytest.skip("DWMGRAD_DATA names no folder")
    return folder


def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("data") and _folder() is None:
        pytest.skip("needs the data sets: set DWMGRAD_DATA to their folder")


def _forbid(report: pytest.TestReport | pytest.CollectReport, what: str) -> None:
    report.outcome = "failed"
    report.longrepr = f"{what} was skipped although DWMGRAD_REQUIRE_DATA=1 forbids it: {report.longrepr}"


def _required() -> bool:
    return os.environ.get("DWMGRAD_REQUIRE_DATA") == "1"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """With DWMGRAD_REQUIRE_DATA=1 a skipped test marked `data` fails: CI has the data and must use it."""
    report = yield
    expected_failure = hasattr(report, "wasxfail")  # pytest calls that "skipped" too
    if _required() and report.skipped and not expected_failure and item.get_closest_marker("data"):
        _forbid(report, f"data test {item.nodeid}")
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: pytest.Collector) -> Iterator[None]:
    """A module that skips itself hides the marks of its tests, so with DWMGRAD_REQUIRE_DATA=1 it fails too."""
    report = yield
    if _required() and report.skipped:
        _forbid(report, f"all of {collector.nodeid}")
    return report
