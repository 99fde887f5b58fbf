"""The administration's pages of the leaves, which may not import the audit that records a look."""

from django.contrib import admin

from audit.admin_base import RecordedAdmin
from terminology.models import Entry, Release


@admin.register(Release)
class ReleaseAdmin(RecordedAdmin):
    """Catalogues by their file; they come by `import_fsiii`, and nothing is changed here."""

    list_display = ["version", "source", "imported_at", "effective_at"]
    ordering = ["-effective_at", "-imported_at"]
    sortable_by = ()
    fields = ("version", "source", "sha256", "imported_at", "effective_at")
    readonly_fields = fields


@admin.register(Entry)
class EntryAdmin(RecordedAdmin):
    """What each catalogue says of a concept."""

    list_display = ["legacy", "name", "kind", "law", "paragraph", "retiring", "release"]
    list_filter = ["release", "kind", "law", "retiring"]
    list_select_related = ["release"]
    search_fields = ["name", "=key", "=legacy"]
    ordering = ["release", "id"]
    sortable_by = ()
    fields = ("release", "key", "legacy", "kind", "name", "parent", "law", "paragraph", "retiring", "description")
    readonly_fields = fields
