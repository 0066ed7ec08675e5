"""Several real processes on one site: cron runs that overlap, web workers that share a cache."""

import urllib.request

from tests.site import Sink, Site

PREPARE = """
from datetime import timedelta
from django.contrib.auth.models import Group
from django.utils import timezone
from accounts.models import User
from blog import services
from blog.models import Post
from listeners.notifications.models import Subscription
ada = User.objects.create_user("ada", "ada@example.org")
ada.groups.add(Group.objects.get(name="Author"))
for number in range(5):
    services.create_post(ada, title=f"Post {number}", body="Light.")
for number in range(3):
    Subscription.objects.create(email=f"reader{number}@example.org", target="site",
                                label="all new posts", confirmed_at=timezone.now())
"""
DUE = """
now = timezone.now()
Post._base_manager.update(status="scheduled", publish_at=now - timedelta(minutes=1))
"""


def test_five_overlapping_cron_runs_publish_and_mail_once(site: Site, sink: Sink) -> None:
    site.python(f"{PREPARE}\n{DUE}")
    runs = [site.start("manage.py", "publish_scheduled_posts") for _ in range(5)]
    outputs = [run.communicate(timeout=60) for run in runs]
    assert [run.returncode for run in runs] == [0] * 5, outputs
    published = "from blog.models import Post\nresult = Post.objects.published().count()"
    assert site.python(published) == 5
    audited = (
        "from listeners.audit.models import AuditEntry\n"
        "result = AuditEntry.objects.filter(verb='published').count()"
    )
    assert site.python(audited) == 5
    worker = site.manage("signals", "work", "--until-empty", EMAIL_URL=sink.url)
    assert worker.returncode == 0, worker.stderr
    assert len(sink.mails) == 15
    assert len({(address, mail["Message-ID"]) for address, mail in sink.mails}) == 15


PUBLISH = """
from blog import services
from blog.models import Post
post = Post.objects.get(slug="post-0")
services.{door}(post, by=None)
"""
PATHS = ("/", "/authors/ada/", "/feed/", "/search/?q=post")


def test_every_web_process_shows_a_change_with_the_next_request(site: Site) -> None:
    site.python(f"{PREPARE}\nservices.publish(Post.objects.get(slug='post-1'), by=None)")
    address = site.serve()

    def read(path: str) -> str:
        # A new connection each time: either of the two workers may answer.
        with urllib.request.urlopen(f"{address}{path}", timeout=10) as answer:  # noqa: S310
            return answer.read().decode()

    for path in PATHS * 6:
        assert "/posts/post-0/" not in read(path)
    site.python(PUBLISH.format(door="publish"))
    for path in PATHS * 6:
        assert "/posts/post-0/" in read(path)
    site.python(PUBLISH.format(door="unpublish"))
    for path in PATHS * 6:
        assert "/posts/post-0/" not in read(path)
