"""Two tabs of a browser in which nobody is signed in come back from the issuer at the same moment: one session.

Neither request has the other's session in a cookie yet, but each brings the cookie of the other's sign-in, whose secret
no other browser has. Whoever comes second goes on in the first one's session, so that both tabs are told the same key,
in whatever order the answers arrive (docs/adr/0021).
"""

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


def session_of(request: HttpRequest, user: User, issuer: int) -> Any:
    """The session of this user that another sign-in of this browser made a moment ago; None when there is none.

    Call it in the transaction that makes a session otherwise: sign-ins of one user wait for each other.
    """
    with connection.cursor() as cursor:
        cursor.execute(ONE_AT_A_TIME, [f"sign-in {user.pk}"])
    if not (beside := transactions.beside(request)):
        return None
    engine = import_module(settings.SESSION_ENGINE)
    for issued in IssuedSession.objects.filter(issuer=issuer, subject=user.subject):
        held = engine.SessionStore(issued.session_id)
        if held.get(LOGIN) in beside and held.get(SESSION_KEY) == str(user.pk):
            return held
    return None
