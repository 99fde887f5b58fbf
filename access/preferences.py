"""How a reader wants the pages: shortcuts of one key, kept with the user; the paper's size, kept in this browser.

What is about the screen cannot follow the user from machine to machine. It is in a cookie that the server alone writes
and reads: nothing of ours is in web storage. It says nothing about anybody.
"""

import re
from dataclasses import asdict, dataclass
from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse, QueryDict

from access.models import User

COOKIE = "__Host-sj-skaerm" if settings.SECURE else "sj_skaerm"
LASTS = timedelta(days=400)
FORMS = {"fit": r"side|bredde", "px_per_mm": r"\d{1,2}(\.\d{1,4})?", "screen": r"\d{3,5}x\d{3,5}"}


@dataclass(frozen=True)
class Screen:
    """What a browser has been told of its screen; "" for what has not been said."""

    fit: str = ""
    """side (the whole page) | bredde (its width)."""
    px_per_mm: str = ""
    """Pixels of the screen (not of CSS, which the browser's zoom changes) per millimetre, as measured."""
    screen: str = ""
    """1920x1080: the screen that was measured, in its own pixels."""


def screen(request: HttpRequest) -> Screen:
    """As the cookie says; what does not look as we write it is as if it were not there."""
    said = request.COOKIES.get(COOKIE, "").split("|")
    return _sound(dict(zip(FORMS, said, strict=False)))


def keep_screen(request: HttpRequest, response: HttpResponse) -> None:
    """Add what was posted to what this browser has told before."""
    posted = _sound(_posted(request.POST))
    kept = asdict(screen(request)) | {name: said for name, said in asdict(posted).items() if said}
    response.set_cookie(
        COOKIE,
        "|".join(kept.values()),
        max_age=LASTS,
        secure=settings.SECURE,
        httponly=True,
        samesite="Lax",
    )


def keep_keys(user: User, on: bool) -> None:
    """Turn the shortcuts of a single key on or off, wherever this user signs in."""
    User.objects.filter(pk=user.pk).update(single_keys=on)


def _posted(post: QueryDict) -> dict[str, str]:
    return {"fit": post.get("tilpas", ""), "px_per_mm": post.get("px-pr-mm", ""), "screen": post.get("skaerm", "")}


def _sound(said: dict[str, str]) -> Screen:
    return Screen(**{name: text for name, text in said.items() if re.fullmatch(FORMS[name], text)})
