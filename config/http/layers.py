"""What stands between the web server and Django, the outermost first."""

from typing import Any

from config.http.bodies import WholeRequests
from config.http.guard import Guard
from pagecache import PageCacheWSGI


def around(django: Any) -> PageCacheWSGI:
    """Django as a web server is given it."""
    return PageCacheWSGI(Guard(WholeRequests(django)))
