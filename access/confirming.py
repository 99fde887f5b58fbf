"""The page "Bekræft opslag": is it the right patient, and why is the record opened. Nothing of a record is on it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from access.banner import identity
from access.contexts import Opening
from access.opening import Ask
from access.reasons import GROUND, TEXT, Missing


def page(request: HttpRequest, opening: Opening, ask: Ask, *, to: str, fault: Missing | None = None) -> HttpResponse:
    """The form, which posts to `to`; `fault` is what was wrong with what was posted."""
    told = {
        "ask": ask,
        "opening": opening,
        "who": identity(opening.patient, opening.patient_name),
        "to": to,
        "fault": fault.sentence if fault else "",
        "focus": fault.field if fault else GROUND,
        "must_tell": ask.unknown_relation,
        "chosen": request.POST.get(GROUND) or "treatment",
        "written": request.POST.get(TEXT, ""),
    }
    return render(request, "access/confirm.html", told, status=422 if fault else 200)
