"""Web processes, a worker and a CDN, set up by the environment alone."""

import urllib.request

import pytest

from tests.blog.test_processes import PREPARE, PUBLISH
from tests.listeners.cdn.edge import KINDS, TOKEN, Edge
from tests.site import Site


@pytest.mark.parametrize("kind", KINDS)
def test_pages_are_tagged_and_a_change_purges_them(site: Site, peer, kind) -> None:
    edge = Edge(kind, peer)
    site.python(f"{PREPARE}\nservices.publish(Post.objects.get(slug='post-1'), by=None)")
    address = site.serve(CDN_URL=edge.url)
    header, separator, age, *_ = KINDS[kind]
    tags = set()
    for _ in range(6):  # each process builds it once and then answers before Django
        with urllib.request.urlopen(f"{address}/") as answer:  # noqa: S310 - our own
            assert answer.headers[age] == "max-age=86400"
            tags.add(answer.headers[header])
    assert len(tags) == 1
    shown = set(tags.pop().split(separator))
    site.python(PUBLISH.format(door="publish"), CDN_URL=edge.url)
    assert edge.calls == 0, "nobody who acts waits for the CDN"
    done = site.manage("signals", "work", "--until-empty", CDN_URL=edge.url)
    assert done.returncode == 0, done.stderr
    assert edge.calls == 1
    assert shown & set(edge.tags)
    assert TOKEN not in done.stdout + done.stderr
