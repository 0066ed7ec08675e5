"""Celery carries ids; without its broker nothing is lost and nobody waits."""

import pytest
from kombu.exceptions import OperationalError

from pagecache.generations.breaker import CircuitBreaker

celery = pytest.importorskip("config.run.celery")


@pytest.fixture(autouse=True)
def closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(celery, "breaker", CircuitBreaker())


def test_a_dead_broker_costs_no_error_and_one_try(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever an act has to hand over: the broker is left alone for some seconds."""
    monkeypatch.setattr(celery.app.conf, "broker_url", "redis://127.0.0.1:1/0")
    tries, real = [], celery.run_delivery.apply_async

    def send(**sending: object) -> None:
        tries.append(sending)
        real(**sending)

    monkeypatch.setattr(celery.run_delivery, "apply_async", send)
    for number in range(5):
        celery.dispatch(number)
    assert len(tries) == 1


def test_only_broker_errors_are_swallowed(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(error: Exception) -> None:
        def send(**_: object) -> None:
            raise error

        monkeypatch.setattr(celery.run_delivery, "apply_async", send)

    fail(OperationalError("broker"))
    celery.dispatch(1)
    celery.breaker.close()
    fail(TypeError("a mistake of ours"))
    with pytest.raises(TypeError):
        celery.dispatch(1)


def test_the_message_is_an_id_sent_once(monkeypatch: pytest.MonkeyPatch) -> None:
    sent = []
    monkeypatch.setattr(celery.run_delivery, "apply_async", lambda **sending: sent.append(sending))
    celery.dispatch(17)
    assert sent == [{"args": [17], "retry": False}]


def test_the_task_runs_the_delivery(monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[int] = []
    monkeypatch.setattr("signalflow.deliveries.run_one", ran.append)
    celery.run_delivery.apply(args=[17])
    assert ran == [17]
