"""What stands between the web server and Django, the outermost first."""

from typing import Any

from config.bodies import WholeRequests
from config.guard import Guard
from config.kept import KeptPages


def around(django: Any) -> KeptPages:
    """Django as a web server is given it."""
    return KeptPages(Guard(WholeRequests(django)))
