"""The report in a headless Chromium: no error, no overflow, filters and sliders that work, axe-core's rules."""

import shutil
from pathlib import Path

import pytest

from tests.paper_figures.report_page import page_path

sync_api = pytest.importorskip(
    "playwright.sync_api", reason="playwright comes with the extra `dev`; it is not installed"
)
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome"))), None)
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed (Debian: apt-get install chromium)")

VIEWS = [(1440, "light"), (1440, "dark"), (360, "light"), (360, "dark")]
# Elements that reach beyond the page, less those inside a box that scrolls.
BEYOND = """() => [...document.querySelectorAll('body *')]
    .filter(e => e.getBoundingClientRect().right > innerWidth + 1 && !e.closest('.scroll, .formula, .skip'))
    .map(e => e.tagName + ' ' + e.id + ' ' + e.textContent.slice(0, 40))"""


@pytest.fixture(scope="module")
def browser():
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    return page_path(tmp_path_factory).as_uri()


@pytest.fixture
def opened(browser, address):
    """A function that opens the report at a width and in a colour scheme; the page has `said` for its complaints."""
    pages = []

    def open_at(width: int = 1440, scheme: str = "light", **context):
        page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme, **context)
        page.said = []
        page.on("console", lambda message: page.said.append(message.text))
        page.on("pageerror", lambda error: page.said.append(str(error)))
        page.on("request", lambda request: page.said.append(request.url) if request.url.startswith("http") else None)
        page.goto(address)
        pages.append(page)
        return page

    yield open_at
    for page in pages:
        page.close()


@pytest.mark.parametrize(("width", "scheme"), VIEWS)
def test_no_error_no_request_and_no_overflow(opened, width, scheme):
    page = opened(width, scheme)
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate(BEYOND) == [] and page.said == []
    assert page.evaluate("[...document.images].every(i => i.complete && i.naturalWidth > 0)")


def test_what_was_found_fits_on_one_screen(opened):
    page = opened(1440)
    assert page.evaluate("document.getElementById('found').getBoundingClientRect().bottom") <= 900


def test_the_browser_repeats_pythons_runs(opened):
    assert "got the same last bit in every number" in opened().inner_text("#same")


def test_sliders_run_the_method(opened):
    page = opened()
    capped = page.inner_text("#outcome")
    page.locator("#try-delta").press("End")  # the last value: a window that grows for ever
    page.wait_for_function("document.getElementById('outcome').textContent.includes('never falls')")
    assert page.inner_text("#outcome") != capped and "The window is 10005." in page.inner_text("#outcome")
    assert page.get_attribute("#try-delta", "aria-valuetext").startswith("∞")


def test_filters_show_what_fits_and_a_link_shows_it_again(opened):
    page = opened()
    page.select_option("#claims-verdict", "refuted")
    shown = page.evaluate(
        "[...document.querySelectorAll('[data-list=claims]:not([hidden])')].map(e => e.dataset.verdict)"
    )
    assert (
        shown
        and set(shown) == {"refuted"}
        and f"{len(shown)} of " in page.inner_text("[data-filters=claims] [role=status]")
    )
    page.fill("#rows-text", "cora accuracy")
    rows = page.evaluate("[...document.querySelectorAll('[data-list=rows]:not([hidden])')].map(e => e.dataset.text)")
    assert rows and all("cora" in row and "accuracy" in row for row in rows)
    page.evaluate("location.hash = '#claim-R3'")
    page.wait_for_function("!document.getElementById('claim-R3').closest('[hidden]')")


def test_without_javascript_everything_is_there(opened):
    page = opened(java_script_enabled=False)
    assert page.locator("#claim-R3").is_visible() and page.locator("#row-mnist-signal").is_visible()
    assert (
        not page.locator("#claims-text").is_visible() and page.get_by_text("The sliders need JavaScript").is_visible()
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(opened, scheme):
    """On two claims of each theme and three figures: the others come from the same template."""
    base = pytest.importorskip("axe_playwright_python.base", reason="axe-core comes with the extra `dev`")
    page = opened(1440, scheme)
    page.evaluate("""() => {
        for (const theme of document.querySelectorAll('.theme')) {
            [...theme.querySelectorAll('article')].slice(2).forEach(e => e.remove());
        }
        [...document.querySelectorAll('#figures article')].slice(3).forEach(e => e.remove());
        document.querySelectorAll('details').forEach(d => d.open = true);
    }""")
    page.evaluate(Path(base.__file__).with_name("axe.min.js").read_text(encoding="utf-8"))
    result = page.evaluate("axe.run({resultTypes: ['violations']})")
    assert [(v["id"], [n["html"][:80] for n in v["nodes"][:3]]) for v in result["violations"]] == []
