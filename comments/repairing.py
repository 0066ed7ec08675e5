"""Comments that no door has written: without their HTML, or without a place in the thread."""

from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.db import transaction

from blog.rendering.pipeline import render_comment
from comments.models import PATH_STEP, Comment


def wrong_comments() -> dict[int, str]:
    """The comments that are shown wrongly: id and a sentence."""
    rows = Comment.objects.order_by("pk").values_list("pk", "body", "body_html", "path")
    return {
        pk: f"comment {pk}: not shown as it was written, or not in its place"
        for pk, body, html, path in rows.iterator(chunk_size=500)
        if html != _rendered(body, html) or not path.endswith(f"{pk:0{PATH_STEP}d}")
    }


def _rendered(body: str, html: str) -> str:
    """What a text renders to now; what asks for too much stays as it was."""
    try:
        return render_comment(body)
    except ValidationError:
        return html


def repair_comments(ids: Iterable[int]) -> None:
    """Render these comments again and put them in their places; rendering holds no lock."""
    chosen = Comment.objects.filter(pk__in=ids).order_by("pk")  # elder ones first
    for pk, body, shown in chosen.values_list("pk", "body", "body_html"):
        html = _rendered(body, shown)
        with transaction.atomic():
            rows = Comment.objects.select_for_update(of=("self",)).select_related("parent")
            row = rows.filter(pk=pk, body=body).first()
            if row is not None:
                row.body_html = html
                # Answers to it have its path in theirs, also when what it answers is deleted.
                if not row.path.endswith(f"{pk:0{PATH_STEP}d}"):
                    row.path = row.place_below(row.parent)
                row.save(update_fields=["body_html", "path"])
