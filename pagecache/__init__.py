"""Exact pages for any Django site: stored until what they show changes, and never longer.

A page records the cache tags of all it reads; a change invalidates its tags after the commit.
"""

from pagecache.fragments import cached_fragment, cached_fragments
from pagecache.freshness import current_generation, is_unchanged
from pagecache.invalidation import clear, distrust, invalidate, invalidate_now
from pagecache.recording import (
    Dependencies,
    declared_reads,
    depends_on,
    expires_at,
    is_recording,
    recording,
)
from pagecache.signals import pages_invalidated
from pagecache.signed_in import SignedInPage
from pagecache.tags import SITE, all_of, with_kinds
from pagecache.tracking import Tracked, TrackedQuerySet
from pagecache.views import CachedPage, is_anonymous, page_key
from pagecache.wsgi import PageCacheWSGI

__all__ = [
    "SITE",
    "CachedPage",
    "Dependencies",
    "PageCacheWSGI",
    "SignedInPage",
    "Tracked",
    "TrackedQuerySet",
    "all_of",
    "cached_fragment",
    "cached_fragments",
    "clear",
    "current_generation",
    "declared_reads",
    "depends_on",
    "distrust",
    "expires_at",
    "invalidate",
    "invalidate_now",
    "is_anonymous",
    "is_recording",
    "is_unchanged",
    "page_key",
    "pages_invalidated",
    "recording",
    "with_kinds",
]
