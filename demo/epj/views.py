"""The desk of the demo EPJ: who you are, which patient, and a button for each door to Sundhedsjournalen.

A CPR number is posted, never in an address. Who presses a button is signed in at the EPJ from then on.
"""

import hashlib
from dataclasses import dataclass
from urllib.parse import urlencode
from uuid import uuid4

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from demo.epj import people, settings, signing_in
from demo.epj.issuers import FHIR_BASE, STAFF
from demo.epj.models import Launch
from demo.epj.models import Patient as Known
from demo.epj.tickets import NotDone, close, own_key, ticket_for
from patients import cpr
from samples.personas import PATIENTS, USERS, Patient, User

CLINICIANS = {user.id: user for user in USERS.values() if user.opens_records}
REMEMBERED = "epj_choice"
OPENED, MOST = "opened", 20
"""In the session: the names of what this browser has opened at Sundhedsjournal, the newest of them."""
LANDINGS = {"oversigt": "Oversigt", "ekg": "EKG", "kommune": "Kommunale data"}
"""What Sundhedsjournal may be asked to show first, as its ticket and its intent say it."""
YEAR = 365 * 24 * 3600


@dataclass(frozen=True)
class Choice:
    """What was chosen at the desk; `typed` is the CPR field as it was written."""

    user: User
    patient: Patient
    typed: str = ""

    @property
    def cpr(self) -> str:
        """A typed number wins over the list; "" when it cannot be a CPR number."""
        return cpr.cleaned(self.typed) if self.typed else self.patient.cpr

    @property
    def known(self) -> Patient | None:
        """Whom the EPJ knows by that number, whichever way it was given."""
        return next((patient for patient in PATIENTS.values() if patient.cpr == self.cpr), None)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def desk(request: HttpRequest) -> HttpResponse:
    """The form; sent, it answers with the way over to Sundhedsjournal, by the door that was pressed."""
    if request.method != "POST":
        user, _, patient = request.COOKIES.get(REMEMBERED, "").partition(" ")
        return _desk(request, _choice(user, patient))
    posted = request.POST
    if posted.get("door") == "close":
        return _closed(request, _choice(posted.get("user", ""), posted.get("patient", "")))
    choice = _choice(posted.get("user", ""), posted.get("patient", ""), posted.get("cpr", "").strip())
    if not choice.cpr:
        return _desk(request, choice, wrong="Skriv et CPR-nummer på ti cifre, for eksempel 251248-9996.", status=422)
    signing_in.be(request, choice.user)
    door, _, landing = posted.get("door", "").partition(":")
    landing = landing if landing in LANDINGS else ""
    response = _smart(request, choice, landing) if door == "smart" else _ticket(request, choice, landing)
    chosen = f"{choice.user.id} {choice.patient.id}"
    response.set_cookie(REMEMBERED, chosen, max_age=YEAR, httponly=True, samesite="Strict")
    return response


def _ticket(request: HttpRequest, choice: Choice, landing: str) -> HttpResponse:
    """The ticket door: our server asks for a ticket, the browser carries it over."""
    name, ref = choice.known.name if choice.known else "", str(uuid4())
    try:
        key = own_key(settings.VAR)
        ticket = ticket_for(choice.user, choice.cpr, name, ref, landing, journal=settings.JOURNAL, key=key)
    except NotDone as reason:
        return _desk(request, choice, failure=str(reason), status=502)
    _remember(request, ref)
    return render(request, "carry.html", {"ticket": ticket, "to": f"{settings.JOURNAL}/launch/ticket"})


def _smart(request: HttpRequest, choice: Choice, intent: str) -> HttpResponse:
    """SMART App Launch 2.2 §2: an opaque word for what was chosen, and who to ask what it means."""
    person = choice.known
    names = {"given": person.given, "family": person.family} if person else {}
    patient, _ = Known.objects.get_or_create(cpr=choice.cpr, defaults=names)
    user = people.account(STAFF, choice.user)
    launch = Launch.objects.create(user=user, patient=patient, sor=choice.user.sor, intent=intent)
    _remember(request, hashlib.sha256(launch.pk.encode()).hexdigest())
    query = urlencode({"iss": FHIR_BASE, "launch": launch.pk})
    return HttpResponseRedirect(f"{settings.JOURNAL}/launch?{query}")


def _remember(request: HttpRequest, ref: str) -> None:
    """By what name this browser's opening can be closed: the session of a ticket, or the hash of a SMART launch."""
    request.session[OPENED] = [*request.session.get(OPENED, []), ref][-MOST:]


def _closed(request: HttpRequest, choice: Choice) -> HttpResponse:
    """The patient is closed at the desk, and so at Sundhedsjournal, by whichever door it was opened."""
    try:
        key = own_key(settings.VAR)
        closed = sum(close(ref, journal=settings.JOURNAL, key=key) for ref in request.session.get(OPENED, []))
    except NotDone as reason:
        return _desk(request, choice, failure=str(reason), status=502)
    request.session.pop(OPENED, None)
    words = "1 journal er lukket" if closed == 1 else f"{closed} journaler er lukket"
    return _desk(request, choice, done=f"{words} i Sundhedsjournalen.")


def _choice(user: str, patient: str, typed: str = "") -> Choice:
    first_user, first_patient = next(iter(CLINICIANS.values())), next(iter(PATIENTS.values()))
    return Choice(CLINICIANS.get(user, first_user), PATIENTS.get(patient, first_patient), typed)


def _desk(
    request: HttpRequest, choice: Choice, *, wrong: str = "", failure: str = "", done: str = "", status: int = 200
) -> HttpResponse:
    today = timezone.localdate()
    rows = [{"of": one, "age": cpr.age(one.cpr, today), "sex": cpr.sex(one.cpr)} for one in PATIENTS.values()]
    told = {"choice": choice, "users": CLINICIANS.values(), "rows": rows, "wrong": wrong, "failure": failure}
    told |= {"done": done, "has_opened": bool(request.session.get(OPENED)), "landings": LANDINGS.items()}
    told["own"] = f"{settings.JOURNAL}/borger/"
    return render(request, "desk.html", told, status=status)
