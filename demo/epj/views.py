"""The desk of the demo EPJ: who you are, which patient, and a button for each door to Sundhedsjournalen.

A CPR number is posted, never in an address. Who presses a button is signed in at the EPJ from then on.
"""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from demo.epj import people, settings, signing_in
from demo.epj.issuers import FHIR_BASE, STAFF
from demo.epj.models import Launch
from demo.epj.models import Patient as Known
from demo.epj.tickets import NoTicket, own_key, ticket_for
from patients import cpr
from samples.personas import PATIENTS, USERS, Patient, User

CLINICIANS = {user.id: user for user in USERS.values() if user.opens_records}
REMEMBERED = "epj_choice"
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
    choice = _choice(posted.get("user", ""), posted.get("patient", ""), posted.get("cpr", "").strip())
    if not choice.cpr:
        return _desk(request, choice, wrong="Skriv et CPR-nummer på ti cifre, for eksempel 251248-9996.", status=422)
    signing_in.be(request, choice.user)
    door, _, landing = posted.get("door", "").partition(":")
    landing = landing if landing in LANDINGS else ""
    response = _smart(choice, landing) if door == "smart" else _ticket(request, choice, landing)
    chosen = f"{choice.user.id} {choice.patient.id}"
    response.set_cookie(REMEMBERED, chosen, max_age=YEAR, httponly=True, samesite="Strict")
    return response


def _ticket(request: HttpRequest, choice: Choice, landing: str) -> HttpResponse:
    """The ticket door: our server asks for a ticket, the browser carries it over."""
    name = choice.known.name if choice.known else ""
    try:
        key = own_key(settings.VAR)
        ticket = ticket_for(choice.user, choice.cpr, name, landing, journal=settings.JOURNAL, key=key)
    except NoTicket as reason:
        return _desk(request, choice, failure=str(reason), status=502)
    return render(request, "carry.html", {"ticket": ticket, "to": f"{settings.JOURNAL}/launch/ticket"})


def _smart(choice: Choice, intent: str) -> HttpResponse:
    """SMART App Launch 2.2 §2: an opaque word for what was chosen, and who to ask what it means."""
    person = choice.known
    names = {"given": person.given, "family": person.family} if person else {}
    patient, _ = Known.objects.get_or_create(cpr=choice.cpr, defaults=names)
    user = people.account(STAFF, choice.user)
    launch = Launch.objects.create(user=user, patient=patient, sor=choice.user.sor, intent=intent)
    query = urlencode({"iss": FHIR_BASE, "launch": launch.pk})
    return HttpResponseRedirect(f"{settings.JOURNAL}/launch?{query}")


def _choice(user: str, patient: str, typed: str = "") -> Choice:
    first_user, first_patient = next(iter(CLINICIANS.values())), next(iter(PATIENTS.values()))
    return Choice(CLINICIANS.get(user, first_user), PATIENTS.get(patient, first_patient), typed)


def _desk(
    request: HttpRequest, choice: Choice, *, wrong: str = "", failure: str = "", status: int = 200
) -> HttpResponse:
    today = timezone.localdate()
    rows = [{"of": one, "age": cpr.age(one.cpr, today), "sex": cpr.sex(one.cpr)} for one in PATIENTS.values()]
    told = {"choice": choice, "users": CLINICIANS.values(), "rows": rows, "wrong": wrong, "failure": failure}
    told |= {"landings": LANDINGS.items(), "own": f"{settings.JOURNAL}/borger/"}
    return render(request, "desk.html", told, status=status)
