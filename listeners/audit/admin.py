from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html

from listeners.audit.models import AuditEntry


@admin.register(AuditEntry)
class AuditEntryAdmin(admin.ModelAdmin):
    """To read; nobody writes here."""

    list_display = [
        "created_at",
        "actor_name",
        "verb",
        "target_type",
        "target_label",
        "address",
        "receipt",
    ]
    list_filter = ["verb", "target_type"]
    search_fields = ["actor_name", "target_label", "trace"]

    @admin.display(description="What happened")
    def receipt(self, entry: AuditEntry) -> str:
        """A link to all that this act caused, for as long as it is kept."""
        if not entry.trace:
            return ""
        return format_html('<a href="{}">Receipt</a>', reverse("receipt", args=[entry.trace]))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: AuditEntry | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: AuditEntry | None = None) -> bool:
        return False
