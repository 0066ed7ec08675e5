"""What the benchmark makes of Lighthouse's reports."""

import pytest

from tests.bench import lighthouse


def report(**scores: float | None) -> dict[str, object]:
    given = dict.fromkeys(lighthouse.SCORES, 1.0) | scores
    return {"categories": {name: {"score": score} for name, score in given.items()}}


def test_the_scores_of_lighthouse_are_medians_of_a_hundred() -> None:
    runs = [lighthouse.scores(report(performance=score)) for score in (0.5, 0.98, 1.0)]
    assert lighthouse.middle(runs) == dict.fromkeys(lighthouse.SCORES, 100) | {"performance": 98}


def test_a_score_that_lighthouse_could_not_give_is_no_zero() -> None:
    with pytest.raises(RuntimeError, match="could not tell"):
        lighthouse.scores(report(performance=None))
