"""What an event of the administration says, and what is answered without one."""

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from audit.record import Actor, safe


def actor_of(request: HttpRequest) -> Actor:
    """Who is at the keyboard, by the ids that the user model has; never by name."""
    network = safe(str(request.META.get("REMOTE_ADDR", "")), "network")
    user: Any = request.user
    if not user.is_authenticated:
        return Actor("anonymous", network=network)
    ref = user.pk if isinstance(user.pk, uuid.UUID) else None
    subject = safe(getattr(user, "subject", ""), "subject") or str(user.pk)
    role = safe(getattr(user, "role", ""), "role")
    return Actor("user", getattr(user, "issuer", ""), subject, ref, role, network=network)


def masked(cpr: str) -> str:
    """251248-••••: a CPR number as the administration shows it."""
    return f"{cpr[:6]}-••••" if cpr else ""


def unrecorded() -> HttpResponse:
    """503: what cannot be recorded is not shown."""
    sentence = _("Opslaget kan ikke registreres lige nu, og derfor vises der ingen oplysninger. Prøv igen om lidt.")
    return HttpResponse(sentence, status=503, content_type="text/plain; charset=utf-8", headers={"Retry-After": "5"})


def query_code(words: str) -> str:
    """Search words as the event may keep them: an id as it is, anything else as a keyed hash."""
    try:
        return str(uuid.UUID(words))
    except ValueError:
        return "hmac-" + salted_hmac("audit.search", words).hexdigest()[:32]
