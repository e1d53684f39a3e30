"""The chat in a frame of another site: shown and usable where a setting names that site, refused by the browser elsewhere."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest

from tests.assistant.conftest import FICHES, write
from tests.assistant.doors.conftest import RATE
from tests.browser.conftest import serving


@contextmanager
def site(page: bytearray) -> Iterator[str]:
    """Another site: « localhost » is another one than « 127.0.0.1 » to a browser. Yields its origin."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("content-type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(bytes(page))

        def log_message(self, *arguments: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever).start()
        try:
            yield f"http://localhost:{server.server_port}"
        finally:
            server.shutdown()


@pytest.mark.slow
def test_a_site_that_is_named_shows_the_chat_and_another_does_not(browser, tmp_path):
    page = bytearray()
    source = write(tmp_path / "base", FICHES)
    with (
        site(page) as named,
        site(page) as other,
        serving(tmp_path, source, ASSISTANT_EMBED_ORIGINS=named) as running,
        closing(browser.new_context(viewport={"width": 900, "height": 900})) as context,
    ):
        page += (
            f'<!doctype html><title>Ville</title><iframe src="{running.url}" title="Assistant" height="800"></iframe>'.encode()
        )
        opened = context.new_page()
        opened.goto(named)
        frame = opened.frame_locator("iframe")
        frame.locator("#question textarea").fill(RATE)
        frame.locator("#question textarea").press("Enter")
        frame.get_by_text("35 %").first.wait_for()
        with opened.expect_console_message(lambda message: "frame-ancestors" in message.text):
            opened.goto(other)
        assert opened.frame_locator("iframe").locator("#question textarea").count() == 0
