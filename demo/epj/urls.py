"""The pages of the demo EPJ: its desk, its two identity providers, its FHIR server, and a MinLog beside it."""

from django.urls import URLPattern, path
from oauth2_provider.views import JwksInfoView, TokenView

from demo.epj import fhir, issuers, leaving, minlog, views
from demo.epj.authorizing import Authorize
from demo.epj.issuers import Issuer


def provider(issuer: Issuer) -> list[URLPattern]:
    """One issuer below its path."""
    return [
        path(f"{issuer.path}/.well-known/openid-configuration", issuers.discovery, {"issuer": issuer}),
        path(f"{issuer.path}/.well-known/jwks.json", JwksInfoView.as_view()),
        path(f"{issuer.path}/authorize/", Authorize.as_view(issuer=issuer)),
        path(f"{issuer.path}/token/", TokenView.as_view()),
        path(f"{issuer.path}/logout/", leaving.end_session, {"issuer": issuer}),
    ]


urlpatterns = [
    path("", views.desk, name="desk"),
    *(pattern for issuer in issuers.ALL for pattern in provider(issuer)),
    path("fhir/metadata", fhir.capabilities),
    path("fhir/.well-known/smart-configuration", fhir.smart_configuration),
    path("fhir/Patient/<str:id>", fhir.patient),
    path("fhir/Practitioner/<str:id>", fhir.practitioner),
    path("minlog2-registration/service", minlog.register),
    path("minlog/", minlog.shown),
]
