"""An issuer says that somebody has signed out there: the sessions that came of it end here, at once."""

import hashlib
from datetime import UTC, datetime

from django.contrib.sessions.models import Session
from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.utils import timezone

from access import actors, contexts
from access.models import IssuedSession, Issuer, PatientContext, UsedLogoutToken, User
from access.oidc import discovery, redeeming, tokens
from access.oidc.failing import Failed
from audit.actions import Action
from audit.record import record


def end(raw: str, request: HttpRequest) -> int:
    """End what a proven logout token names, once: the session of its `sid`, or all of its subject. Raises Failed."""
    named, client_id = tokens.claimed(raw)
    issuer = Issuer.objects.filter(issuer=named, client_id=client_id, active=True).first()
    if issuer is None:
        raise Failed("issuer-unknown")
    expected, now = redeeming.expected(issuer), int(timezone.now().timestamp())
    try:
        ended = tokens.logout_token(raw, expected, discovery.keys(issuer), now=now)
    except tokens.UnknownKey:
        ended = tokens.logout_token(raw, expected, discovery.keys(issuer, unknown=True), now=now)
    found = IssuedSession.objects.filter(issuer=issuer)
    if ended.sid:
        # Of a login whose ID token told no sid nobody knows which of the subject's it is.
        found = found.filter(sid__in=[ended.sid, ""] if ended.subject else [ended.sid])
    if ended.subject:
        found = found.filter(subject=ended.subject)
    with transaction.atomic():
        _use_up(issuer, ended)
        for one in found:
            end_session(one, issuer, request, PatientContext.Closed.ISSUER, "issuer")
    return len(found)


def _use_up(issuer: Issuer, ended: tokens.Ended) -> None:
    """With what it ends; two at the same time: one of them is too late."""
    expires = datetime.fromtimestamp(ended.expires, UTC)
    try:
        with transaction.atomic():
            UsedLogoutToken.objects.create(issuer=issuer, jti=ended.jti, expires=expires)
    except IntegrityError:
        raise Failed("token-replayed") from None


def end_session(
    one: IssuedSession, issuer: Issuer, request: HttpRequest, closed: PatientContext.Closed, reason: str
) -> None:
    """End a session that came of this issuer, and close all it had open, in the caller's transaction."""
    key = hashlib.sha256(one.session_id.encode()).hexdigest()
    contexts.close_session(key, closed, actors.request_id(request))
    user = User.objects.filter(issuer=issuer.issuer, subject=one.subject).first()
    record(
        Action.SIGNED_OUT,
        actor=actors.of_user(user, request) if user else actors.nobody(request),
        reason=reason,
        entity=f"Issuer/{issuer.pk}",
        request_id=actors.request_id(request),
    )
    Session.objects.filter(pk=one.session_id).delete()
