"""CSRF protection under Referrer-Policy: no-referrer, where browsers send `Origin: null` with a form of our own."""

from django.http import HttpRequest
from django.middleware.csrf import CsrfViewMiddleware


class Csrf(CsrfViewMiddleware):
    """Django's own, token and all; an opaque origin passes its origin check only when the browser vouches for it.

    Sec-Fetch-Site cannot be set by a page. A browser that does not send it, and a form on another site, get 403.
    """

    def _origin_verified(self, request: HttpRequest) -> bool:
        if request.headers.get("Origin") == "null" and request.headers.get("Sec-Fetch-Site") == "same-origin":
            return True
        return bool(super()._origin_verified(request))  # type: ignore[misc]

    def _check_referer(self, request: HttpRequest) -> None:
        """Over https Django asks for a Referer when there is no Origin; no page of ours sends one."""
        if request.headers.get("Sec-Fetch-Site") != "same-origin":
            super()._check_referer(request)  # type: ignore[misc]
