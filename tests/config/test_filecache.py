"""What is counted in the cache directory is counted exactly, and for as long as it was meant."""

import time

import pytest

from config.filecache import FileCache
from tests.threads import together

pytestmark = pytest.mark.django_db(transaction=True)  # threads have connections

EACH, COUNTERS = 25, 8


@pytest.fixture
def caches(tmp_path) -> list[FileCache]:
    """As many processes would have: nothing in common but the directory."""
    return [FileCache(str(tmp_path / "cache"), {}) for _ in range(COUNTERS)]


def test_nothing_is_counted_as_one(caches) -> None:
    caches[0].add("acts", 0, 60)
    together(*[lambda c=c: [c.incr("acts") for _ in range(EACH)] for c in caches])
    assert caches[0].get("acts") == EACH * COUNTERS


def test_one_alone_is_the_first(caches) -> None:
    for key in map(str, range(20)):
        answers = together(*[lambda c=c, key=key: c.add(key, 0, 60) for c in caches])
        assert answers.count(True) == 1


def test_counting_does_not_change_when_it_ends(caches, monkeypatch) -> None:
    cache = caches[0]
    cache.add("acts", 0, 3600)
    cache.add("for-ever", 0, None)
    assert cache.incr("acts") == 1
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 3590)
    assert cache.get("acts") == 1, "not after the cache's default time"
    monkeypatch.setattr(time, "time", lambda: now + 3601)
    assert cache.get("acts") is None
    assert cache.incr("for-ever") == 1
    with pytest.raises(ValueError, match="no number"):
        cache.incr("acts")


def test_a_directory_that_vanished_is_made_again(caches, tmp_path) -> None:
    (tmp_path / "cache").rmdir()
    caches[0].add("acts", 0, 60)
    assert caches[0].incr("acts") == 1
