"""The second date on a post: told of a text that changed, not of one that came in late."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from blog.models import Post
from blog.services import edit_post, import_post

pytestmark = pytest.mark.django_db(transaction=True)

LONG_AGO = timezone.now() - timedelta(days=900)


def tells_an_update(post: Post) -> bool:
    return ", updated" in Client().get(post.get_absolute_url()).content.decode()


def test_an_imported_post_is_updated_only_once_somebody_edits_it(ada) -> None:
    post = import_post(
        ada, title="Old", body="Light.", status="published", published_at=LONG_AGO, source="x:1"
    )
    assert not tells_an_update(post)
    edit_post(post, by=ada, version=post.version, body="More light.")
    assert tells_an_update(post)


def test_a_correction_on_the_same_day_is_no_update(write, ada) -> None:
    post = write(public=True)
    edit_post(post, by=ada, version=post.version, body="More light.")
    assert not tells_an_update(post)
