"""A real browser before a real server; each person has a window of their own."""

import os
import shutil
from collections.abc import Callable, Iterator

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

from accounts.models import User

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = [
    "--no-sandbox",
    "--headless",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if program is None:
        pytest.skip(f"needs a browser: none of {', '.join(PROGRAMS)} is on the PATH")
    # The driver keeps an event loop in this thread, and Django would refuse the ORM beside one.
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setitem(os.environ, "DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        browser = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def page_of(chromium: Browser, live_server) -> Iterator[Callable[..., Page]]:
    """`page_of(ada)` is a window where ada is signed in, `page_of(None)` a stranger's.

    What a page complains about in the console, a refused style or script too, fails the test.
    """
    windows, complaints = [], []

    def hear(message: ConsoleMessage) -> None:
        address = message.location.get("url", "")
        refused_page = message.page is not None and address == message.page.url
        if message.type in {"error", "warning"} and not refused_page:
            complaints.append(f"{address}: {message.text}")

    def open_window(user: User | None, **options) -> Page:
        options.setdefault("viewport", {"width": 1280, "height": 900})
        window = chromium.new_context(base_url=live_server.url, **options)
        windows.append(window)
        window.set_default_timeout(10_000)
        if user is not None:
            client = Client()
            client.force_login(user)
            session = client.cookies[settings.SESSION_COOKIE_NAME]
            cookie = {"name": session.key, "value": session.value, "url": live_server.url}
            window.add_cookies([cookie])
        page = window.new_page()
        page.on("console", hear)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        return page

    yield open_window
    for window in windows:
        window.close()
    assert complaints == []
