"""Every mail in Chromium, on a phone and on a desk: nothing is cut off, and nothing is fetched from anywhere.

`DIALTREE_TEST_SCREENSHOTS=FOLDER` keeps the pictures, to be looked at.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from mail.messages import render
from tests.browser.chromium import Page
from tests.support.sample_mails import LINKS, SAMPLES

PHONE, DESK = 390, 800


@pytest.mark.parametrize("width", [PHONE, pytest.param(DESK, marks=pytest.mark.long)])
@pytest.mark.parametrize("name", SAMPLES)
def test_a_mail_fits_the_window_and_loads_nothing(page: Page, tmp_path: Path, name: str, width: int) -> None:
    file = tmp_path / "mail.html"
    file.write_text(render(SAMPLES[name], LINKS).html, encoding="utf-8")
    page.call("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=width == PHONE)
    page.open(file.as_uri())
    page.wait_for("location.protocol === 'file:' && document.readyState === 'complete'")
    assert page.evaluate("innerWidth") == width
    assert page.evaluate("document.documentElement.scrollWidth") == width
    cut_off = f"[...document.querySelectorAll('*')].filter(e => e.getBoundingClientRect().right > {width}).length"
    assert page.evaluate(cut_off) == 0
    assert page.evaluate("document.scripts.length") == 0
    assert page.requests == [file.as_uri()]
    assert page.errors == []
    folder = os.environ.get("DIALTREE_TEST_SCREENSHOTS")
    if folder:
        page.screenshot(Path(folder) / f"{name}-{width}.png")
