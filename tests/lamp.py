"""A receiver of publications that fails until somebody mends it."""

from collections.abc import Iterator

import pytest

from blog.signals import post_published
from signalflow import DURABLE, Retry, receiver, registry

UID = "test.light_the_lamp"


@pytest.fixture
def lamp() -> Iterator[list[bool]]:
    """While the list is empty, each try fails with "no oil"; one try is all a delivery has."""
    oil: list[bool] = []

    def light_the_lamp(**kwargs: object) -> None:
        if not oil:
            raise RuntimeError("no oil")

    once = Retry(attempts=1)
    receiver(post_published, when=DURABLE, uid=UID, retry=once)(light_the_lamp)
    yield oil
    registry.forget(UID)
