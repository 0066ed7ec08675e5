"""The way from post to post, and the names beside them."""

import pytest
from django.test import Client
from django.utils import timezone

import pagecache
from accounts.signals import user_renamed
from blog.models import Post
from signalflow.testing import captured, run_deliveries

pytestmark = pytest.mark.django_db(transaction=True)


def test_posts_of_one_moment_lead_to_each_other(write) -> None:
    """An import, or a plan for nine o'clock, gives several posts the same date."""
    for number in range(4):
        write(f"Post {number}", public=True)
    Post._base_manager.update(published_at=timezone.now())
    newest = Post.objects.published().first()
    for back, on in (("previous", "next"), ("next", "previous")):
        seen, post = [], newest
        while post is not None:
            seen.append(post.pk)
            pagecache.clear()  # a kept page has no context
            context = Client().get(post.get_absolute_url()).context
            if len(seen) > 1:
                assert context[on].pk == seen[-2]
            post = context[back]
        assert len(set(seen)) == len(seen) <= 4
        if back == "previous":
            assert len(seen) == 4


def test_a_name_changed_by_the_admin_is_fresh_everywhere(write, ada) -> None:
    write("On mirrors", public=True)
    run_deliveries()
    pages = ("/", "/posts/on-mirrors/", "/authors/", "/authors/ada/", "/feed/", "/search/?q=mirror")
    for path in pages:
        Client().get(path)
    ada.first_name, ada.last_name = "Augusta", "King"
    with captured(user_renamed) as sent:
        ada.save()
        ada.save()
        ada.save(update_fields=["last_login"])
    assert [e.arguments["changed_fields"] for e in sent] == [["first_name", "last_name"]]
    run_deliveries()
    for path in (*pages, "/search/?q=augusta"):
        assert "Augusta King" in Client().get(path).content.decode(), path
