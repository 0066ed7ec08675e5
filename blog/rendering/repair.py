"""Pages that do not show their text: after raw SQL or `bulk_create`, and after a new renderer."""

from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.db import transaction

from blog.models import Post
from blog.rendering import pipeline


def wrong_texts() -> dict[int, str]:
    """The posts whose stored HTML or reading time is not that of their text: id and a sentence."""
    rows = Post.objects.order_by("pk").values_list("pk", "body", "body_html", "reading_minutes")
    return {
        pk: f"text of post {pk}: its page does not show it"
        for pk, body, html, minutes in rows.iterator(chunk_size=200)
        if not _is_shown(body, html) or minutes != pipeline.reading_minutes(body)
    }


def _is_shown(body: str, html: str) -> bool:
    try:
        return html == pipeline.render_post(body)
    except ValidationError:  # saved before texts had limits: it stays as it is, until it is edited
        return bool(html)


def render_again(ids: Iterable[int]) -> None:
    """Store what the texts of these posts render to now; rendering holds no lock."""
    for pk, body in Post.objects.filter(pk__in=ids).values_list("pk", "body"):
        try:
            derived = pipeline.derived_from(body)
        except ValidationError:
            continue
        with transaction.atomic():
            row = Post.objects.select_for_update().filter(pk=pk, body=body).first()
            if row is not None:  # otherwise somebody saved it meanwhile, and rendered it
                for name, value in derived.items():
                    setattr(row, name, value)
                row.save(update_fields=list(derived))
