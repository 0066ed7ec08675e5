"""How much is measured under load."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sizes:
    """Posts of the three libraries, seconds and rounds of each load, and what it asks for."""

    few: int = 1_000
    some: int = 10_000
    many: int = 100_000
    seconds: int = 8
    rounds: int = 3
    visits: int = 10_000
    talk: int = 100_000  # comments under one post


QUICK = Sizes(few=500, some=2_000, many=12_000, seconds=2, rounds=1, visits=2_000, talk=10_000)
