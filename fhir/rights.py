"""Two rights that exclude each other: to deliver documents, and to read the log."""

from typing import cast

from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from fhir.models import Sender


class Delivers(BasePermission):
    """A system that reads the log hands nothing in."""

    code = "reads-the-log"

    def has_permission(self, request: Request, view: APIView) -> bool:
        return not cast(Sender, request.auth).reads_log


class ReadsLog(BasePermission):
    """A system that is registered for the log control."""

    code = "log-not-allowed"

    def has_permission(self, request: Request, view: APIView) -> bool:
        return bool(cast(Sender, request.auth).reads_log)
