"""Who is signed in at the EPJ in this browser, and since when. Nothing is proven: a name is chosen."""

import hashlib
import time
from dataclasses import dataclass

from django.http import HttpRequest

from demo.epj import people
from demo.epj.issuers import STAFF
from samples.personas import User

PERSON, SINCE = "person", "since"


@dataclass(frozen=True)
class SignedIn:
    """A person, when the person was asked, and the opaque name of the session."""

    person: people.Person
    auth_time: int
    sid: str = ""


def now() -> int:
    return int(time.time())


def sign_in(request: HttpRequest, user: User) -> SignedIn:
    """This browser is this user's from now on; the session gets a new key."""
    request.session.cycle_key()
    request.session[PERSON], request.session[SINCE] = user.id, now()
    return SignedIn(user, request.session[SINCE], _sid(request))


def signed_in(request: HttpRequest) -> SignedIn | None:
    """Who has signed in at the desk, or here, before."""
    user = people.named(STAFF, request.session.get(PERSON, ""))
    return SignedIn(user, request.session[SINCE], _sid(request)) if user else None


def be(request: HttpRequest, user: User) -> None:
    """At the desk: somebody else than before signs in; who is there already is not asked again."""
    there = signed_in(request)
    if there is None or there.person.id != user.id:
        sign_in(request, user)


def _sid(request: HttpRequest) -> str:
    return hashlib.sha256((request.session.session_key or "").encode()).hexdigest()[:32]
