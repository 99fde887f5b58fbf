"""What the administration calls this room."""

from django.apps import AppConfig
from django.core import checks
from django.utils.translation import gettext_lazy as _


class AuditConfig(AppConfig):
    name = "audit"
    verbose_name = _("Revisionslog")

    def ready(self) -> None:
        from audit.sealing import guard

        checks.register(guard.check, checks.Tags.database)
