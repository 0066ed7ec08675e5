"""A site that upgrades has the months of what it listed before."""

from datetime import UTC, datetime

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.test import Client

from blog import counting
from blog.models import Post
from signalflow.testing import run_deliveries

pytestmark = pytest.mark.django_db(transaction=True)


def test_listings_are_given_their_months(write, ada, settings, monkeypatch) -> None:
    settings.TIME_ZONE = "Asia/Tokyo"
    posts = [write(f"Light {n}", tags=["sun"], public=True) for n in range(3)]
    for month, post in zip((1, 1, 2), posts, strict=True):
        at = datetime(2026, month, 28, 20, tzinfo=UTC)
        Post._base_manager.filter(pk=post.pk).update(published_at=at)
        post.refresh_from_db()
        post.save()
    run_deliveries()
    counting.recount_author(ada.pk)
    latest = list(MigrationExecutor(connection).loader.graph.leaf_nodes("blog"))
    try:
        MigrationExecutor(connection).migrate([("blog", "0010_social_images")])
        monkeypatch.setattr("blog.migrations.0011_months_of_lists.CHUNK", 4)
    finally:
        MigrationExecutor(connection).migrate(latest)
    call_command("reconcile", "--check")
    page = Client().get("/archive/").content.decode()
    assert page.index('href="/archive/2026/3/"') < page.index('href="/archive/2026/1/"')
