"""What a browser asks for, says and keeps while a test uses it: judged when the test is over."""

import re
from dataclasses import dataclass, field
from urllib.parse import parse_qs, unquote_plus, urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request, WebError

from samples.personas import CITIZENS, PATIENTS, USERS

# Speaks of every violation of a policy and of every title, also of those that stand for a moment only.
WITNESS = """
(() => {
  document.addEventListener("securitypolicyviolation", (event) =>
    console.error(`policy violated: ${event.effectiveDirective} ${event.blockedURI}`));
  const title = () => console.debug(`title: ${document.title}`);
  addEventListener("DOMContentLoaded", () => {
    title();
    new MutationObserver(title).observe(document.head, { childList: true, subtree: true, characterData: true });
  });
})();
"""
KEPT = """async () => [
  ...Object.keys(localStorage), ...Object.keys(sessionStorage), ...(await caches.keys()),
  ...(await indexedDB.databases()).map((each) => each.name),
  ...(await navigator.serviceWorker.getRegistrations()).map((each) => each.scope),
]"""
STATUS = re.compile(r"responded with a status of (\d+)|Response Status Error Code (\d+)")  # the browser, and htmx
CPRS = {person.cpr for cast in (PATIENTS, CITIZENS, USERS) for person in cast.values() if person.cpr}
NAMES = {
    person.name for cast in (PATIENTS, CITIZENS) for person in cast.values() if not getattr(person, "protected", 0)
}
CALLBACK = "/login/callback"
LOST = ("net::ERR_INTERNET_DISCONNECTED", "htmx:sendError", "htmx:afterRequest")


JWT = re.compile(r"eyJ[\w-]{8,}\.[\w-]{8,}")
SPEAKING = ("a title",)
"""Where people are told whom they see."""


@dataclass
class Watch:
    """Watches one browser context from before its first page."""

    context: BrowserContext
    cprs: set[str] = field(default_factory=lambda: set(CPRS))
    requests: list[Request] = field(default_factory=list)
    tickets: set[str] = field(default_factory=set)
    callbacks: set[str] = field(default_factory=set)
    """Where the issuers have sent the browser back to."""
    codes: set[str] = field(default_factory=set)
    titles: set[str] = field(default_factory=set)
    errors: list[str] = field(default_factory=list)
    expected: set[int] = field(default_factory=set)
    """Statuses of refusals that the test provokes; the browser writes each of them in its console."""
    offline: bool = False
    """Whether the test takes the network away, which the browser writes in its console too."""

    def __post_init__(self) -> None:
        self.context.add_init_script(WITNESS)
        self.context.on("request", self._asked)
        self.context.on("console", self._said)
        self.context.on("weberror", self._failed)

    def begin_anew(self) -> None:
        """Forget what was seen, and what was expected; tickets and CPR numbers stay secret."""
        for seen in (self.requests, self.titles, self.errors, self.expected):
            seen.clear()
        self.offline = False

    def _asked(self, request: Request) -> None:
        self.requests.append(request)
        if request.url.endswith("/launch/ticket"):
            self.tickets |= set(parse_qs(request.post_data or "").get("ticket", []))
        if (there := urlsplit(request.url)).path == CALLBACK:
            self.callbacks.add(request.url)
            self.codes |= set(parse_qs(there.query).get("code", []))

    def _said(self, message: ConsoleMessage) -> None:
        if message.text.startswith("title: "):
            self.titles.add(message.text.removeprefix("title: "))
        elif message.type == "error":
            self.errors.append(f"{message.text} ({message.location.get('url', '')})")

    def _failed(self, error: WebError) -> None:
        self.errors.append(str(error.error))

    def faults(self) -> list[str]:
        """Everything that no page of ours may do, in words; asked once, at the end."""
        found = [f"console: {error}" for error in self.errors if not self._is_expected(error)]
        pages = self.context.pages
        self.titles |= {page.title() for page in pages}
        written = {("a title", title) for title in self.titles} | {("an address", page.url) for page in pages}
        for request in self.requests:
            written |= {("a URL", request.url), ("a Referer", request.headers.get("referer", ""))}
        # A session's key, or what binds a launch or a login to this browser, stands in a cookie and nowhere else.
        cookies = self.context.cookies()
        held = [value for cookie in cookies if len(value := str(cookie.get("value", ""))) >= 16]
        for where, text in sorted(written):
            told = self.secrets(text, where) + ["a cookie's secret" for value in held if value in text]
            found += [f"{what} in {where}: {text}" for what in told]
        for page in pages:
            if page.url.startswith("http") and (kept := kept_by(page)):
                found.append(f"kept in the browser: {kept} ({page.url})")
        for cookie in cookies:
            if not cookie.get("httpOnly") or self.secrets(cookie.get("value", ""), "a cookie"):
                found.append(f"a cookie that scripts can read, or that says too much: {cookie.get('name')}")
        return found

    def _is_expected(self, error: str) -> bool:
        if self.offline and any(word in error for word in LOST):
            return True
        status = STATUS.search(error)
        return status is not None and int(status[1] or status[2]) in self.expected

    def secrets(self, text: str, where: str) -> list[str]:
        """What of a person, or of what opens a record, stands in a text; OAuth's own callback has its code."""
        text = unquote_plus(text)
        found = ["a ticket" for ticket in self.tickets if ticket in text]
        found += ["a token" for _ in JWT.findall(text)]
        found += ["a name" for name in NAMES if name in text and where not in SPEAKING]
        is_callback = text.partition("?")[0].endswith(CALLBACK)
        if not (is_callback and where in ("a URL", "an address")):
            found += ["a code" for code in self.codes if code in text]
        if is_callback and where == "a Referer":
            found.append("the way back from a login")
        return found + ["a CPR number" for cpr in self.cprs if cpr in text or f"{cpr[:6]}-{cpr[6:]}" in text]


def kept_by(page: Page) -> list[str]:
    """What lies in any store of the browser, once htmx has settled: until then it notes the address."""
    kept: list[str] = page.evaluate(KEPT)
    if kept:
        page.wait_for_timeout(500)
        kept = page.evaluate(KEPT)
    return kept
