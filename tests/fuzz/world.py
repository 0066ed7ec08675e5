"""A site with one of everything, its people, and every address of it."""

import re
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

from allauth.account.forms import default_token_generator
from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from allauth.account.utils import user_pk_to_url_str
from django.apps import apps
from django.conf import settings
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from accounts.models import User
from comments.services import approve_comment, submit_comment
from listeners.notifications.models import Subscription
from listeners.webhooks.models import Call, Endpoint
from signalflow.models import Delivery, Trace
from signalflow.testing import run_deliveries
from tests.cast import person
from tests.photos import photo

TOKEN = "f" * 32  # the form token everybody has
HOLE = re.compile(r"\(\?P<(\w+)>(?:[^()]|\([^()]*\))*\)|<(?:\w+:)?(\w+)>")
PEOPLE = ("nobody", "reader", "author", "moderator", "boss")


def routes(patterns: Any = None, prefix: str = "") -> Iterator[str]:
    """Every address there is, as the URL patterns spell it."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, route)
        elif isinstance(pattern, URLPattern):
            yield route


def filled(route: str, values: dict[str, str]) -> str:
    """A route as a path, with something in each of its holes."""
    path = HOLE.sub(lambda hole: values[hole[1] or hole[2]], route)
    return "/" + path.replace("^", "").replace("$", "")


def holes(route: str) -> list[str]:
    return [hole[1] or hole[2] for hole in HOLE.finditer(route)]


def cookies(user: User | None) -> str:
    """What a browser sends of somebody who is signed in, with a form token that holds."""
    client = Client()
    if user is not None:
        client.force_login(user)
    held = {name: morsel.value for name, morsel in client.cookies.items()}
    held[settings.CSRF_COOKIE_NAME] = TOKEN
    return "; ".join(f"{name}={value}" for name, value in held.items())


def build(write: Any) -> SimpleNamespace:
    """The site, and what to write into the holes of its routes."""
    people = {
        "reader": person("reader"),
        "author": person("author", "Author"),
        "moderator": person("moderator", "Moderator"),
        "boss": User.objects.create_superuser("boss", "boss@example.org", "correct horse"),
    }
    for user in people.values():
        confirmed = {"verified": True, "primary": True}
        EmailAddress.objects.update_or_create(confirmed, user=user, email=user.email)
    image = photo(400, 200)
    post = write(author=people["author"], tags=["sun"], public=True, image=image, image_alt="Sun")
    draft = write("On shade", author=people["author"])
    comment = submit_comment(post, author=people["reader"], body="Yes.")
    approve_comment(comment, by=people["moderator"])
    submit_comment(post, author=people["reader"], body="No.", parent=comment)
    follower = Subscription.objects.create(email="s@example.org", target="site", label="all posts")
    run_deliveries()
    endpoint = Endpoint.objects.create(label="Mirror", url="https://hook.example/")
    call = Call.objects.create(endpoint=endpoint, event="ping:1", kind="ping")
    trace = Trace.objects.filter(name="publish", actor_id=people["author"].pk)[0].pk
    reader, now = people["reader"], timezone.now()
    values = {
        "slug": post.slug, "username": "author", "year": now.year, "month": now.month,
        "section": "posts", "trace": trace, "delivery": Delivery.objects.filter(trace=trace)[0].pk,
        "token": follower.token, "target": f"blog.post:{post.pk}", "name": post.image.name,
        "app_label": "blog", "url": "nothing/", "id": reader.pk, "object_id": 1,
        "content_type_id": 1, "uidb36": user_pk_to_url_str(reader),
        "post": post.pk, "draft": draft.pk, "comment": comment.pk, "endpoint": endpoint.pk,
        "call": call.pk,
    }  # fmt: skip
    site = SimpleNamespace(people=people, values={k: str(v) for k, v in values.items()})
    site.cookies = {"nobody": cookies(None), **{k: cookies(user) for k, user in people.items()}}
    site.keys = {
        "confirm-email": EmailConfirmationHMAC(EmailAddress.objects.get(user=reader)).key,
        "reset": default_token_generator.make_token(reader),
    }
    return site


ACTS = {
    "studio/posts/": "unschedule",
    "studio/comments/": "approve",
    "studio/webhooks/": "pause",
    "studio/signals/": "retry",
}
ROWS = {"studio/posts/": "draft", "studio/webhooks/calls/": "call", "studio/webhooks/": "endpoint"}


def address(site: SimpleNamespace, route: str) -> str:
    """Where a route leads to something that is there."""
    return filled(route, at(site, route))


def at(site: SimpleNamespace, route: str) -> dict[str, str]:
    """What fits into the holes of one route."""
    values = dict(site.values)
    values["key"] = site.keys["reset" if "reset" in route else "confirm-email"]
    values["act"] = next((act for start, act in ACTS.items() if route.startswith(start)), "")
    row = next((name for start, name in ROWS.items() if route.startswith(start)), "comment")
    values["pk"] = site.values["post" if "receipts" in route else row]
    if route.startswith("tags/"):
        values["slug"] = "sun"
    if found := re.match(r"admin/(\w+)/(\w+)/<", route):
        row_of = apps.get_model(*found.groups())._default_manager.first()
        values["object_id"] = str(row_of.pk if row_of else 1)
    return values
