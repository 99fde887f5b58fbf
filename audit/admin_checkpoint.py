"""The signed heads of the log, for those who read it: nothing here can be changed, not even in the database."""

from django.contrib import admin
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from audit.admin_log import LogAdmin
from audit.models import AuditCheckpoint


class AuditCheckpointAdmin(LogAdmin):
    """Newest first; a page holds the note as it is signed, to be copied to a verifier."""

    list_display = ["size", "time", "log"]
    ordering = ["-size"]
    fields = ("size", "time", "log", "signed_note")
    readonly_fields = fields

    @admin.display(description=_("underskrevet"))
    def time(self, checkpoint: AuditCheckpoint) -> str:
        signed = timezone.localtime(checkpoint.signed_at)
        return gettext("%(date)s kl. %(time)s") % {"date": f"{signed:%d.%m.%Y}", "time": f"{signed:%H.%M.%S}"}

    @admin.display(description=_("log"))
    def log(self, checkpoint: AuditCheckpoint) -> str:
        return checkpoint.note.partition("\n")[0]

    @admin.display(description=_("underskrevet note"))
    def signed_note(self, checkpoint: AuditCheckpoint) -> str:
        return format_html("<pre>{}</pre>", checkpoint.note)
