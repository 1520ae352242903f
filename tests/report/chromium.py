"""Opens a file in Debian's Chromium and writes down whatever it complains of, asks for or wants to load."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from playwright.sync_api import BrowserContext, Page, Playwright

PROGRAM = Path("/usr/bin/chromium")
# No window, and nothing of its own on the network. The sandbox needs namespaces that root in a container may lack.
FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
# A busy machine is no failure.
PATIENCE_MS = 120_000


def missing() -> str | None:
    """Say what a test in the browser lacks here."""
    return None if PROGRAM.exists() else "chromium (Debian's package)"


@dataclass
class Opened:
    """A page, and what should not have happened on it."""

    page: Page
    complaints: list[str] = field(default_factory=list)


@contextmanager
def opened(
    playwright: Playwright,
    folder: Path,
    html: str,
    *,
    width: int = 1280,
    scheme: Literal["light", "dark"] = "light",
    javascript: bool = True,
) -> Iterator[Opened]:
    """Open a file in a browser of its own."""
    file = folder / "report.html"
    file.write_text(html, encoding="utf-8")
    context = playwright.chromium.launch_persistent_context(
        folder / "profile",
        executable_path=PROGRAM,
        args=list(FLAGS),
        headless=True,
        viewport={"width": width, "height": 900},
        color_scheme=scheme,
        java_script_enabled=javascript,
        timeout=PATIENCE_MS,
    )
    try:
        found = Opened(page=context.new_page())
        _listen(context, found, file.as_uri())
        found.page.goto(file.as_uri())
        yield found
    finally:
        context.close()


def _listen(context: BrowserContext, found: Opened, uri: str) -> None:
    context.set_default_timeout(PATIENCE_MS)

    def route(route: Any) -> None:
        if route.request.url.partition("#")[0] == uri:
            route.continue_()
        else:
            found.complaints.append(f"request: {route.request.url[:200]}")
            route.abort()

    def dialog(dialog: Any) -> None:
        found.complaints.append(f"dialog: {dialog.message[:200]}")
        dialog.dismiss()

    context.route("**/*", route)
    page = found.page
    page.on(
        "request", lambda one: one.url.startswith(uri) or found.complaints.append(f"asked for: {one.url[:200]}")
    )
    page.on("console", lambda one: found.complaints.append(f"console {one.type}: {one.text[:300]}"))
    page.on("pageerror", lambda one: found.complaints.append(f"error: {one}"))
    page.on("dialog", dialog)
    page.on("popup", lambda one: found.complaints.append(f"popup: {one.url[:200]}"))
