"""Whoever acts reads that the CDN was told; whoever only looks ahead has told it nothing."""

import re

import pytest
from django.test import Client
from django.utils.html import strip_tags

from listeners.cdn.models import EndedTag
from signalflow.models import Delivery, Trace
from signalflow.testing import run_deliveries
from tests.listeners.cdn.edge import TOKEN

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_receipt_says_so_once(edge, write, ada) -> None:
    post = write(tags=["sun", "code"])
    run_deliveries()
    edge.purges.clear()
    client = Client()
    client.force_login(ada)
    client.get(f"/studio/posts/{post.pk}/publish/")
    run_deliveries()
    assert not edge.purges, "a forecast tells nobody"
    assert not EndedTag.objects.exists()
    landed = client.post(f"/studio/posts/{post.pk}/publish/", follow=True).content.decode()
    run_deliveries()
    receipt = re.search(r'href="(/studio/receipts/\w+/)"', landed)[1]
    page = strip_tags(client.get(receipt).content.decode())
    assert page.count("Purged at the CDN") == 1
    assert edge.purges
    trees = [str(row.tree) for row in Trace.objects.all()]
    reports = [str(row.report) for row in Delivery.objects.all()]
    assert TOKEN not in "".join(trees + reports) + page
