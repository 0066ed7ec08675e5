"""Comments that no door has written: without their HTML, or without a place in the thread."""

from collections.abc import Iterable

from django.db import transaction

from blog.rendering import render_comment
from comments.models import PATH_STEP, Comment


def wrong_comments() -> dict[int, str]:
    """The comments that are shown wrongly: id and a sentence."""
    rows = Comment.objects.order_by("pk").values_list("pk", "body", "body_html", "path")
    return {
        pk: f"comment {pk}: not shown as it was written, or not in its place"
        for pk, body, html, path in rows.iterator(chunk_size=500)
        if html != render_comment(body) or not path.endswith(f"{pk:0{PATH_STEP}d}")
    }


def repair_comments(ids: Iterable[int]) -> None:
    """Render these comments again and put them in their places, elder ones first."""
    for pk in sorted(ids):
        with transaction.atomic():
            row = Comment.objects.select_for_update(of=("self",)).filter(pk=pk).first()
            if row is not None:
                row.body_html = render_comment(row.body)
                row.path = row.place_below(row.parent)
                row.save(update_fields=["body_html", "path"])
