"""Paths of rows, which a page asks for by the dozen."""

from functools import lru_cache

from django.urls import reverse

REMEMBERED = 2048  # half a megabyte; tags, authors and the posts that are read most


@lru_cache(REMEMBERED)
def path_of(route: str, key: str | int) -> str:
    """The path of a route with one argument, as `reverse` has it, worked out once.

    It takes `reverse` 15 µs, and a page of a list leads to fifty places.  The site has no path
    prefix (SITE_URL), so nothing else decides it.  Raises NoReverseMatch.
    """
    return reverse(route, args=[key])
