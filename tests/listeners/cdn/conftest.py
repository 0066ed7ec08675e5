"""A CDN in front of the site, of either kind."""

import pytest

from tests.listeners.cdn.edge import KINDS, Edge


@pytest.fixture(params=KINDS)
def edge(request, peer, settings) -> Edge:
    """The CDN, and the site set up for it."""
    made = Edge(request.param, peer)
    settings.CDN = made.setting
    return made
