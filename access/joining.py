"""Two tabs of a browser in which nobody is signed in come back from the issuer at the same moment: one session.

Neither request has the other's session in a cookie yet, but each brings the cookie of the other's sign-in, whose secret
no other browser has. Whoever comes second goes on in the first one's session, so that both tabs are told the same key,
in whatever order the answers arrive (docs/adr/0021).
"""

from collections.abc import Mapping
from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.db import connection
from django.http import HttpRequest

from access.models import IssuedSession, User
from access.oidc import transactions

LOGIN = "login"
"""What the session calls the sign-in that made it: the hash of its state."""
ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))"


def session_of(request: HttpRequest, user: User, kept: Mapping[str, Any]) -> Any:
    """The session of this user that another sign-in of this browser made a moment ago; None when there is none.

    `kept` is what the login told: one for another responsible person has nothing to do with this one.

    Call it in the transaction that makes a session otherwise: sign-ins of one user wait for each other.
    """
    with connection.cursor() as cursor:
        cursor.execute(ONE_AT_A_TIME, [f"sign-in {user.pk}"])
    if not (beside := transactions.beside(request)):
        return None
    engine = import_module(settings.SESSION_ENGINE)
    for issued in IssuedSession.objects.filter(issuer=kept["issuer"], subject=user.subject):
        held = engine.SessionStore(issued.session_id)
        is_theirs = held.get(LOGIN) in beside and held.get(SESSION_KEY) == str(user.pk)
        if is_theirs and _responsible(held) == _responsible(kept):
            return held
    return None


def _responsible(told: Any) -> str:
    return str((told.get("on_behalf_of") or {}).get("sub", ""))
