"""The desk of the demo EPJ: who you are, which patient, and the button. A CPR number is posted, never in an address."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from demo.epj import settings
from demo.epj.tickets import NoTicket, own_key, ticket_for
from patients import cpr
from samples.personas import PATIENTS, USERS, Patient, User

CLINICIANS = {user.id: user for user in USERS.values() if not user.admin}
REMEMBERED = "epj_choice"
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
    def name(self) -> str:
        """The name the EPJ knows for that number, whichever way it was given; "" for somebody unknown."""
        return next((patient.name for patient in PATIENTS.values() if patient.cpr == self.cpr), "")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def desk(request: HttpRequest) -> HttpResponse:
    """The form; sent, it answers with a form of one hidden field that goes to Sundhedsjournal by itself."""
    if request.method != "POST":
        user, _, patient = request.COOKIES.get(REMEMBERED, "").partition(" ")
        return _desk(request, _choice(user, patient))
    posted = request.POST
    choice = _choice(posted.get("user", ""), posted.get("patient", ""), posted.get("cpr", "").strip())
    if not choice.cpr:
        return _desk(request, choice, wrong="Skriv et CPR-nummer på ti cifre, for eksempel 251248-9996.", status=422)
    try:
        key = own_key(settings.VAR)
        ticket = ticket_for(choice.user, choice.cpr, choice.name, journal=settings.JOURNAL, key=key)
    except NoTicket as reason:
        return _desk(request, choice, failure=str(reason), status=502)
    response = render(request, "carry.html", {"ticket": ticket, "to": f"{settings.JOURNAL}/launch/ticket"})
    chosen = f"{choice.user.id} {choice.patient.id}"
    response.set_cookie(REMEMBERED, chosen, max_age=YEAR, httponly=True, samesite="Strict")
    return response


def _choice(user: str, patient: str, typed: str = "") -> Choice:
    first_user, first_patient = next(iter(CLINICIANS.values())), next(iter(PATIENTS.values()))
    return Choice(CLINICIANS.get(user, first_user), PATIENTS.get(patient, first_patient), typed)


def _desk(
    request: HttpRequest, choice: Choice, *, wrong: str = "", failure: str = "", status: int = 200
) -> HttpResponse:
    today = timezone.localdate()
    rows = [{"of": one, "age": cpr.age(one.cpr, today), "sex": cpr.sex(one.cpr)} for one in PATIENTS.values()]
    told = {"choice": choice, "users": CLINICIANS.values(), "rows": rows, "wrong": wrong, "failure": failure}
    told["own"] = f"{settings.JOURNAL}/borger/"
    return render(request, "desk.html", told, status=status)
