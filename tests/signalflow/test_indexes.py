"""A worker that looks for work reads what waits, not what ever was."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from signalflow.models import OPEN, Delivery

pytestmark = pytest.mark.django_db

rows = Delivery.objects

LOOKS: dict[str, tuple[Callable[[], Any], str]] = {
    "what is due": (
        lambda: rows.due(timezone.now()).order_by("available_at", "pk")[:50],
        "delivery_due",
    ),
    "what shares a key": (lambda: rows.waiting_with("t.work", "12"), "delivery_same_key"),
    "what a claim holds": (lambda: rows.filter(claim="c", state="running"), "delivery_claimed"),
    "what needs a person": (rows.needs_attention, "delivery_attention"),
    "what has no receiver": (
        lambda: rows.needs_attention().filter(state="orphaned"),
        "delivery_attention",
    ),
}


def plan(query: Any) -> str:
    statement, parameters = query.values_list("pk").query.sql_with_params()
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")  # an empty table is read at once
            cursor.execute(f"EXPLAIN {statement}", parameters)
            return " ".join(row[0] for row in cursor.fetchall())
        cursor.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
        return " ".join(row[3] for row in cursor.fetchall())


@pytest.mark.parametrize("look", LOOKS)
def test_every_look_for_work_has_its_index(look: str) -> None:
    query, index = LOOKS[look]
    assert index in plan(query())


def test_each_state_is_found_where_it_belongs() -> None:
    for state in Delivery.State:
        rows.create(receiver="t.work", signal="t", key="12", state=state)
    assert {row.state for row in rows.due(timezone.now())} == set(OPEN)
    assert {row.state for row in rows.needs_attention()} == {"failed", "orphaned"}
    assert [row.state for row in rows.waiting_with("t.work", "12")] == ["pending"]
    assert not rows.waiting_with("t.work", "13")
