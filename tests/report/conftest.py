"""Tests in a browser are there where a browser is; the head of pytest's output says so where it is not."""

from tests.report.browser import chromium

collect_ignore = [] if chromium() else ["test_page_in_browser.py"]


def pytest_report_header() -> str:
    return f"browser: {chromium() or 'no Chromium, the page is not tested in one'}"
