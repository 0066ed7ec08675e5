"""A site that upgrades finds its posts without anybody doing anything."""

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.test import Client

from listeners.search.models import Document

pytestmark = pytest.mark.django_db(transaction=True)


def test_documents_of_plain_text_become_terms(write) -> None:
    post = write("Café mirrors", body="A *polished* glass.", public=True)
    latest = [("search", "0003_terms")]
    try:
        MigrationExecutor(connection).migrate([("search", "0002_full_text")])
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO search_document (post_id, title, summary, tags, author, body) "
                "VALUES (%s, 'Café mirrors', '', '', 'ada', 'A polished glass.')",
                [post.pk],
            )
    finally:
        MigrationExecutor(connection).migrate(latest)
    page = Client().get("/search/?q=cafe+polishing")
    assert [found.pk for found in page.context["posts"]] == [post.pk]
    assert Document.objects.get().text == "A polished glass."
    call_command("reconcile", "--check")
