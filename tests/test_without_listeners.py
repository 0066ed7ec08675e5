"""A listener taken out of the settings takes its behaviour with it, and nothing else.

In a fresh process: overriding settings would not disconnect a receiver.
"""

import pytest

from tests.site import Site

LIVE = """
from django.contrib.auth.models import Group
from django.test import Client
from django.utils import timezone
from django.db import connection
from accounts.models import User
from blog import services
from blog.models import Post, Tag
from comments.services import approve_comment, submit_comment
from signalflow.models import Delivery
from signalflow.worker import Worker

def rows(table, where="1 = 1"):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table} WHERE {where}")
        return cursor.fetchone()[0]

ada = User.objects.create_user("ada", "ada@example.org")
ada.groups.add(Group.objects.get(name="Author"))
with connection.cursor() as cursor:
    cursor.execute(
        "INSERT INTO notifications_subscription (email, target, label, token, requested_at, "
        "confirmed_at) VALUES ('rita@example.org', 'site', 'all new posts', 'token', "
        "CURRENT_TIMESTAMP, CURRENT_TIMESTAMP)"
    )
    cursor.execute(
        "INSERT INTO webhooks_endpoint (label, url, secret, active, created_at) "
        "VALUES ('Mirror', 'http://127.0.0.1:25/', 'whsec_MDEyMw==', TRUE, CURRENT_TIMESTAMP)"
    )
tags = Tag.find_or_create(["sun"])
post = services.create_post(ada, title="On mirrors", body="Light.", tags=tags)
services.publish(post, by=ada)
gone = services.create_post(ada, title="Gone", body="Light.")
services.publish(gone, by=ada)
approve_comment(submit_comment(post, author=ada, body="Yes."), by=None)
Worker(until_empty=True).run()
services.delete_post(gone, by=None)
Worker(until_empty=True).run()
pages = {path: Client().get(path, headers={"host": "127.0.0.1"}).status_code for path in
         ("/", "/posts/on-mirrors/", "/tags/sun/", "/feed/", "/search/?q=light", "/subscribe/",
          "/studio/webhooks/")}
result = {
    "bad": [str(row) for row in Delivery.objects.exclude(state__in=["done", "skipped"])
            if row.receiver not in ("webhooks.send_call", "cdn.receivers.purge_ended_pages")],
    "tag": Tag.objects.get().post_count,
    "author": ada.profile.__class__.objects.get(user=ada).post_count,
    "comments": Post.objects.get().comment_count,
    "mails": rows("notifications_message"),
    "found": rows("search_document"),
    "audited": rows("audit_auditentry") > 0,
    "calls": rows("webhooks_call"),
    "purges": min(rows("cdn_endedtag"), 1),
    "told": "Surrogate-Key" in Client().get("/", headers={"host": "127.0.0.1"}),
    "pages": pages,
}
"""

EVERYTHING = {
    "bad": [],
    "tag": 1,
    "author": 1,
    "comments": 1,
    "mails": 3,  # two publications for rita, one approval for ada
    "found": 1,
    "audited": True,
    "calls": 3,  # two publications and an approval, for an endpoint that refuses them
    "purges": 1,  # at a CDN that does not answer
    "told": True,
    "pages": {
        "/": 200,
        "/posts/on-mirrors/": 200,
        "/tags/sun/": 200,
        "/feed/": 200,
        "/search/?q=light": 200,
        "/subscribe/": 200,
        "/studio/webhooks/": 302,
    },
}
PAGES = EVERYTHING["pages"]


@pytest.mark.parametrize(
    ("without", "lost"),
    [
        ("", {}),
        ("notifications", {"mails": 0, "pages": PAGES | {"/subscribe/": 404}}),
        ("search", {"found": 0, "pages": PAGES | {"/search/?q=light": 404}}),
        ("audit", {"audited": False}),
        ("lab", {}),
        ("cdn", {"purges": 0, "told": False}),
        ("webhooks", {"calls": 0, "pages": PAGES | {"/studio/webhooks/": 404}}),
        (
            "notifications,search,audit,webhooks,cdn",
            {
                "mails": 0,
                "found": 0,
                "audited": False,
                "calls": 0,
                "purges": 0,
                "told": False,
                "pages": PAGES
                | {"/subscribe/": 404, "/search/?q=light": 404, "/studio/webhooks/": 404},
            },
        ),
    ],
)
def test_only_its_own_behaviour_goes(site: Site, without: str, lost: dict) -> None:
    settings = {"CDN_URL": "fastly://token@service?api=http://127.0.0.1:25"}
    if without:
        settings |= {"SETTINGS": "tests.settings_without", "WITHOUT": without}
    assert site.python(LIVE, **settings) == EVERYTHING | lost
