from django.contrib import admin
from django.http import HttpRequest

from listeners.notifications.models import Message, Subscription


class ReadOnlyAdmin(admin.ModelAdmin):
    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


@admin.register(Message)
class MessageAdmin(ReadOnlyAdmin):
    """What was sent, what waits, and what nobody can know (`uncertain`)."""

    list_display = ["created_at", "kind", "recipient", "state", "attempts", "uncertain", "error"]
    list_filter = ["state", "kind", "uncertain"]
    search_fields = ["recipient", "event"]
    exclude = ["data", "secret"]  # what a mail is made from may open an account: links with a token


@admin.register(Subscription)
class SubscriptionAdmin(ReadOnlyAdmin):
    list_display = ["email", "label", "confirmed_at", "ended_at"]
    search_fields = ["email"]
