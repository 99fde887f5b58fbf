"""The desk of the demo EPJ: who you are, which patient, and the button."""

from datetime import date

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from demo.epj.tickets import NoTicket, ticket_for
from patients import cpr
from samples.personas import PATIENTS, USERS, Patient

CLINICIANS = {user.id: user for user in USERS.values() if not user.admin}


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def desk(request: HttpRequest) -> HttpResponse:
    """The form; sent, it answers with a form of one hidden field that goes to Sundhedsjournal by itself."""
    user = CLINICIANS.get(request.POST.get("user", ""), next(iter(CLINICIANS.values())))
    chosen, typed = request.POST.get("patient", next(iter(PATIENTS))), request.POST.get("cpr", "").strip()
    error = ""
    if request.method == "POST":
        number, name = _patient(chosen, typed)
        if number:
            try:
                ticket = ticket_for(user, number, name)
                return render(request, "carry.html", {"ticket": ticket, "to": f"{settings.JOURNAL}/launch/ticket"})
            except NoTicket as reason:
                error = str(reason)
        else:
            error = "Skriv et CPR-nummer på ti cifre, eller vælg en patient på listen."
    today = timezone.localdate()
    rows = [{"of": patient, "facts": _facts(patient, today)} for patient in PATIENTS.values()]
    told = {"user": user, "users": CLINICIANS.values(), "rows": rows, "chosen": chosen, "typed": typed, "error": error}
    return render(request, "desk.html", told, status=422 if error else 200)


def _patient(chosen: str, typed: str) -> tuple[str, str]:
    """The CPR number and the name the EPJ knows; a typed number wins over the list; ("", "") when it is none."""
    if typed:
        number = cpr.cleaned(typed)
        known = next((patient for patient in PATIENTS.values() if patient.cpr == number), None)
        return number, known.name if known else ""
    patient = PATIENTS.get(chosen)
    return (patient.cpr, patient.name) if patient else ("", "")


def _facts(patient: Patient, today: date) -> str:
    years = cpr.age(patient.cpr, today)
    return f"{years} år, {cpr.sex(patient.cpr)}"
