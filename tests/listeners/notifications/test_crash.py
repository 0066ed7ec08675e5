"""A thousand readers, a real mail server, and a worker that is killed again and again."""

import signal
from collections import Counter

from tests.site import Sink, Site, wait_until

READERS, KILLS = 1000, 4

PREPARE = f"""
from django.contrib.auth.models import Group
from django.utils import timezone
from accounts.models import User
from blog import services
from listeners.notifications.models import Message, Subscription
Subscription.objects.bulk_create(
    Subscription(email=f"reader{{n}}@example.org", target="site", label="all new posts",
                 confirmed_at=timezone.now())
    for n in range({READERS})
)
ada = User.objects.create_user("ada", "ada@example.org")
ada.groups.add(Group.objects.get(name="Author"))
post = services.create_post(ada, title="On mirrors", body="Light.")
services.publish(post, by=ada)
result = Message.objects.count()
"""

STATES = """
from listeners.notifications.models import Message
from signalflow.models import Delivery
result = {
    "states": [list(row) for row in Message.objects.values_list("state", "recipient", "uncertain")],
    "open": Delivery.objects.filter(state__in=["pending", "running", "failed"]).count(),
}
"""


def test_nobody_is_missed_and_the_doubtful_are_known(site: Site, sink: Sink) -> None:
    sink.pause = 0.002
    assert site.python(PREPARE) == 0, "publishing does not wait for mail"
    for _ in range(KILLS):
        already = len(sink.mails)
        worker = site.start("manage.py", "signals", "work", EMAIL_URL=sink.url)
        wait_until(lambda already=already: len(sink.mails) >= already + 60)
        worker.send_signal(signal.SIGKILL)
        worker.communicate()
    worker = site.start("manage.py", "signals", "work", EMAIL_URL=sink.url)
    wait_until(lambda: len(set(sink.recipients)) == READERS, seconds=90)
    wait_until(lambda: site.python(STATES)["open"] == 0)
    worker.terminate()
    worker.communicate(timeout=10)
    assert worker.returncode == 0

    copies = Counter(sink.recipients)
    extras = {address for address, count in copies.items() if count > 1}
    assert sum(copies.values()) - READERS <= KILLS, "at most one extra mail per kill"
    ids: dict[str, set[str]] = {}
    for address, mail in sink.mails:
        ids.setdefault(address, set()).add(mail["Message-ID"])
    assert all(len(same) == 1 for same in ids.values())
    rows = site.python(STATES)["states"]
    assert {state for state, _, _ in rows} == {"sent"}
    uncertain = {address for _, address, doubt in rows if doubt}
    assert extras <= uncertain
    assert len(uncertain) <= KILLS
