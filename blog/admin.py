from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.racing import OnceMoreAdmin
from blog.models import Post, Tag
from blog.services import bulk_publish


@admin.register(Tag)
class TagAdmin(OnceMoreAdmin):
    list_display = ["name", "slug", "post_count"]
    search_fields = ["name"]
    prepopulated_fields = {"slug": ["name"]}


@admin.register(Post)
class PostAdmin(admin.ModelAdmin):
    """To look things up; texts are written in the studio, states change through the doors."""

    list_display = ["title", "author", "status", "published_at"]
    list_filter = ["status"]
    search_fields = ["title"]
    fields = ["title", "slug", "author", "status", "published_at", "publish_at", "tags"]
    readonly_fields = ["title", "slug", "author", "status", "published_at", "publish_at"]
    filter_horizontal = ["tags"]
    actions = ["publish_selected"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    @admin.action(description="Publish the selected posts", permissions=["change"])
    def publish_selected(self, request: HttpRequest, queryset: QuerySet[Post]) -> None:
        result = bulk_publish(queryset, by=request.user)
        told = f"{len(result.published)} published, {len(result.skipped)} public already."
        level = messages.SUCCESS if result.published else messages.INFO
        self.message_user(request, told, level)
        for pk, reason in result.failed.items():
            self.message_user(request, f"Post {pk}: {reason}", messages.ERROR)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("author")
