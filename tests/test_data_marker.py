"""conftest.py's own rules: data tests run, skip or fail as DWMGRAD_DATA and DWMGRAD_REQUIRE_DATA say."""

from pathlib import Path

import pytest

CONFTEST = Path(__file__).with_name("conftest.py").read_text("utf-8")
SUITE = """
    import pytest

    @pytest.mark.data
    def test_marked(data_folder):
        assert data_folder.is_dir()

    @pytest.mark.data
    def test_skips_itself():
        {body}

    @pytest.mark.skip(reason="for another reason")
    def test_unmarked():
        pass

    @pytest.mark.data
    @pytest.mark.xfail(raises=ZeroDivisionError, reason="known")
    def test_known_failure():
        1 / 0
"""


@pytest.fixture
def outcomes(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch):
    """outcomes(data, required, body) -> counts of a run of SUITE under the project's conftest."""

    def run(data: bool, required: bool, body: str = "pass", suite: str = SUITE) -> dict[str, int]:
        pytester.makeconftest(CONFTEST)
        pytester.makeini("[pytest]\nmarkers = data: needs data\n")
        pytester.makepyfile(suite.format(body=body))
        monkeypatch.setenv("DWMGRAD_DATA", str(pytester.path) if data else "")
        monkeypatch.setenv("DWMGRAD_REQUIRE_DATA", "1" if required else "")
        monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)
        return pytester.runpytest_subprocess("-p", "no:cacheprovider").parseoutcomes()

    return run


def test_without_data_marked_tests_skip(outcomes):
    assert outcomes(data=False, required=False) == {"skipped": 4}


def test_with_data_marked_tests_run(outcomes):
    assert outcomes(data=True, required=True) == {"passed": 2, "skipped": 1, "xfailed": 1}


def test_required_data_missing_fails(outcomes):
    assert outcomes(data=False, required=True) == {"errors": 3, "skipped": 1}  # skipped in setup: pytest says error


def test_required_data_present_but_test_skips_itself_fails(outcomes):
    assert outcomes(data=True, required=True, body="pytest.skip('no')") == {
        "passed": 1, "failed": 1, "skipped": 1, "xfailed": 1,
    }  # fmt: skip


@pytest.mark.parametrize(("required", "outcome"), [(False, "skipped"), (True, "errors")])
def test_module_that_skips_itself(outcomes, required, outcome):
    suite = "import pytest\npytest.skip('whole module', allow_module_level=True)\n"
    assert outcomes(data=True, required=required, suite=suite) == {outcome: 1}
