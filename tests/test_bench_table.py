"""A benchmark is worth what its table shows."""

from tests.bench.measuring import Row, gathered, rounds, table


def test_a_missed_row_is_printed_as_missed() -> None:
    rows = [Row("quick", 2.2, "≤ 2.2"), Row("slow", 2.21, "≤ 2.2"), Row("few", 0.4, "≥ 0.5")]
    _, *lines = table([*rows, Row("told", 9)]).splitlines()
    assert [line.split()[0] for line in lines] == ["quick", "slow", "few", "told"]
    assert [line.split()[-1] for line in lines[:3]] == ["reached", "MISSED", "MISSED"]
    assert [row.reached for row in rows] == [True, False, False]


def test_everybody_has_a_turn_and_another_one_begins() -> None:
    turns: list[str] = []

    def contender(name: str, seconds: float):
        def sample() -> float:
            turns.append(name)
            return seconds

        return sample

    assert rounds({"a": contender("a", 1), "b": contender("b", 3)}, 2) == {"a": 1, "b": 3}
    assert "".join(turns) == "abbaab", "the first round only warms up"


def test_a_part_that_breaks_off_takes_no_row_along() -> None:
    def broken():
        yield Row("before", 1)
        raise RuntimeError("the server is gone")

    rows, names = gathered([("broken", broken), ("whole", lambda: [Row("after", 2)])])
    assert [row.name for row in rows] == ["before", "after"]
    assert names == ["broken"]
