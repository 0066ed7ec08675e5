"""The forecast before and the receipt after an act, as its author reads them."""

import html
import re

import pytest
from django.contrib.auth.models import AbstractUser
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from blog.models import Post
from blog.services import publish, unpublish
from listeners.notifications.models import Message, Subscription
from listeners.webhooks.models import Endpoint
from signalflow.models import Delivery, Trace
from signalflow.testing import run_deliveries

pytestmark = pytest.mark.django_db(transaction=True)


def subscribe(*names: str, target: str = "site") -> None:
    Subscription.objects.bulk_create(
        Subscription(
            email=f"{name}@example.org", target=target, label="x", confirmed_at=timezone.now()
        )
        for name in names
    )


def effects_on(page: str) -> set[str]:
    """The sentences of a receipt or forecast that say what came of it, without progress."""
    listed = re.search(r'<ul class="effects.*?</ul>', page, re.DOTALL)
    sentences = re.findall(r"<p>(.*?)</p>", listed[0], re.DOTALL) if listed else []
    told = {html.unescape(" ".join(sentence.split())) for sentence in sentences}
    return {sentence for sentence in told if not sentence.endswith(("mails sent", "was told"))}


@pytest.fixture
def signed_in(ada: AbstractUser) -> Client:
    client = Client()
    client.force_login(ada)
    return client


def read(client: Client, path: str) -> set[str]:
    return effects_on(client.get(path).content.decode())


posts = st.fixed_dictionaries(
    {
        "tags": st.sets(st.sampled_from(["sun", "mirror", "code"])),
        "readers": st.sets(st.sampled_from("abcdef"), max_size=4),
        "follow_tag": st.booleans(),
        "told_before": st.booleans(),
        "endpoints": st.integers(0, 2),
    }
)


@settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(plan=posts)
def test_the_forecast_is_the_receipt(plan, write, ada, signed_in, peer) -> None:
    Subscription.objects.all().delete()
    Endpoint.objects.all().delete()
    for number in range(plan["endpoints"]):
        Endpoint.objects.create(label=f"Mirror {number}", url=peer.url)
    post = write(tags=sorted(plan["tags"]))
    subscribe(*plan["readers"])
    if plan["follow_tag"] and plan["tags"]:
        subscribe("follower", target=f"tag:{post.tags.first().pk}")
    if plan["told_before"]:
        publish(post, by=ada)
        run_deliveries()
        unpublish(post, by=ada)
    run_deliveries()
    before = (
        Post.objects.values().get(pk=post.pk),
        Delivery.objects.count(),
        Message.objects.count(),
    )
    forecast = read(signed_in, f"/studio/posts/{post.pk}/forecast/")
    after = Post.objects.values().get(pk=post.pk), Delivery.objects.count(), Message.objects.count()
    assert before == after, "a forecast changes nothing"

    signed_in.post(f"/studio/posts/{post.pk}/publish/")
    trace = Trace.objects.filter(name__startswith="POST").first()
    run_deliveries()
    assert read(signed_in, f"/studio/receipts/{trace.pk}/") == forecast
    expected = len(plan["readers"]) + (plan["follow_tag"] and bool(plan["tags"]))
    people = 0 if plan["told_before"] else expected
    hooks = {0: set(), 1: {"1 webhook will be told"}, 2: {"2 webhooks will be told"}}
    assert hooks[plan["endpoints"]] == {s for s in forecast if "webhook" in s}
    told = {0: "No mail goes out", 1: "1 reader will be told"}
    assert told.get(people, f"{people} readers will be told") in forecast


def test_a_failed_effect_is_shown_among_the_others_and_retried(
    write, signed_in, lamp, bruno
) -> None:
    post = write(tags=["sun"])
    signed_in.post(f"/studio/posts/{post.pk}/publish/")
    run_deliveries()
    edit = signed_in.get(f"/studio/posts/{post.pk}/edit/").content.decode()
    path = re.search(r"/studio/receipts/\w+/", edit)[0]
    page = signed_in.get(path).content.decode()
    assert {"Tag sun now has 1 post", "Light the lamp", "Search finds it"} <= effects_on(page)
    assert "RuntimeError: no oil" in page
    retry = re.search(r'action="(/studio/receipts/\w+/retry/\d+/)"', page)[1]

    stranger = Client()
    stranger.force_login(bruno)
    assert stranger.get(path).status_code == 404
    assert stranger.post(retry).status_code == 404
    assert Delivery.objects.filter(state="failed").exists()

    lamp.append(True)
    assert signed_in.post(retry).status_code == 302
    run_deliveries()
    page = signed_in.get(path).content.decode()
    assert "no oil" not in page
    assert "effect-failed" not in page


def test_what_cannot_be_published_says_why_beforehand(write, signed_in) -> None:
    post = write(body=" ")
    page = signed_in.get(f"/studio/posts/{post.pk}/forecast/").content.decode()
    assert "The post has no text yet." in page
    assert not Post.objects.get(pk=post.pk).is_public
