from django.contrib import admin
from django.http import HttpRequest

from comments.models import Comment


@admin.register(Comment)
class CommentAdmin(admin.ModelAdmin):
    """To look things up; states change at the moderation list."""

    list_display = ["author_name", "post", "status", "created_at"]
    list_filter = ["status"]
    list_select_related = ["post"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Comment | None = None) -> bool:
        return False
