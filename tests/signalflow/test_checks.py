"""The system checks: each fault of the wiring is named, and none is found in ours."""

import importlib.util
import sys
import types
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.contrib.auth.models import Group
from django.core.checks import run_checks
from django.db.models.signals import post_delete, post_init, pre_delete, pre_init

from signalflow import AFTER_COMMIT, DURABLE, DomainSignal, RegistrationError, receiver, registry
from signalflow.models import Delivery

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def declared() -> Iterator[types.ModuleType]:
    """A `signals` module of the project that exists for one test."""
    module = types.ModuleType("lantern.signals")
    module.__file__ = str(ROOT / "lantern" / "signals.py")
    module.lit = DomainSignal("A lamp was lit.", lamp=str, group="auth.Group", raw_bytes=bytes)
    sys.modules["lantern.signals"] = module
    yield module
    del sys.modules["lantern.signals"]


def found(**kwargs: object) -> list[str]:
    ours = [m for m in run_checks(**kwargs) if (m.id or "").startswith("signalflow.")]
    return sorted(str(message.id) for message in ours)


@pytest.mark.django_db
def test_nothing_of_ours_is_flagged() -> None:
    assert found(databases=["default"]) == []


async def later(**kwargs: object) -> None: ...


def nothing(**kwargs: object) -> None: ...


DURABLY = {"when": DURABLE}
LATER = {"when": AFTER_COMMIT}

# Function, options, the fault that its registration names.
FAULTY = [
    (lambda lamp: None, {}, "E002"),
    (lambda sender, lamp: None, {}, "E002"),
    (lambda: None, {}, "E002"),
    (lambda lamp, group: None, LATER, "E002"),
    (lambda lamp: None, DURABLY, "E002"),
    (lambda lampe, **kwargs: None, {}, "E002"),
    (lambda lamp, colour, **kwargs: None, LATER, "E002"),
    (lambda instance, created, **kwargs: None, {}, "E002"),
    (lambda Lamp, **kwargs: None, {}, "E002"),  # noqa: N803 - the fault
    (lambda *, lamps, **kwargs: None, {}, "E002"),
    (nothing, {"key": "lamp"}, "E002"),
    (nothing, {"key": "colour", **LATER}, "E002"),
    (nothing, {"key": "colour", **DURABLY}, "E002"),
    (nothing, {"sender": "auth.Group"}, "E002"),
    (nothing, {"sender": "blog.Post", **LATER}, "E002"),
    (nothing, {"eager": True}, "E002"),
    (nothing, {"eager": True, **LATER}, "E002"),
    (nothing, {"atomic": False}, "E002"),
    (nothing, {"atomic": False, **LATER}, "E002"),
    (nothing, DURABLY, "E003"),
    (nothing, {"eager": True, **DURABLY}, "E003"),
    (later, LATER, "E005"),
    (later, DURABLY, "E005"),
    (nothing, {"uid": "taken"}, "E001"),
]


@pytest.mark.parametrize("number", range(len(FAULTY)))
def test_a_faulty_receiver_is_refused_by_name(number, declared, hear) -> None:
    function, options, fault = FAULTY[number]

    def first(**kwargs: object) -> None: ...

    hear(declared.lit, first, uid="taken")
    options = {"uid": f"test.faulty.{number}", **options}
    with pytest.raises(RegistrationError, match=f"signalflow.{fault}"):
        receiver(declared.lit, **options)(function)


@pytest.mark.parametrize(
    "function", [lambda lamp: None, lambda lampe, **kwargs: None, lambda sender: None]
)
def test_a_plain_receiver_that_cannot_work_is_found(function, declared) -> None:
    declared.lit.connect(function)
    assert found() == ["signalflow.E002"]


def test_code_imported_under_two_names_is_found(tmp_path, declared) -> None:
    file = tmp_path / "lamps.py"
    file.write_text(
        "import sys\nfrom signalflow import receiver\n"
        "lit = sys.modules['lantern.signals'].lit\n"
        "@receiver(lit)\ndef light(**kwargs): ...\n"
    )
    for name in ("lantern.lamps", "lamps"):
        spec = importlib.util.spec_from_file_location(name, file)
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
    try:
        assert found() == ["signalflow.E004"]
    finally:
        for name in ("lantern.lamps", "lamps"):
            registry.forget(f"{name}.light")
            del sys.modules[name]


def test_a_signal_nobody_hears_is_found(declared) -> None:
    assert found() == ["signalflow.W101"]


@pytest.mark.parametrize("signal", [pre_delete, post_delete, pre_init, post_init])
def test_a_delete_or_init_receiver_of_every_model_is_found(signal) -> None:
    signal.connect(nothing)
    try:
        assert found() == ["signalflow.W102"]
    finally:
        signal.disconnect(nothing)
    signal.connect(nothing, sender=Group)
    try:
        assert found() == []
    finally:
        signal.disconnect(nothing, sender=Group)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("state", "ids"),
    [("pending", ["signalflow.W103"]), ("orphaned", ["signalflow.W103"]), ("done", [])],
)
def test_deliveries_for_a_receiver_that_is_gone_are_found(state, ids) -> None:
    Delivery.objects.create(receiver="lantern.renamed", signal="x", state=state)
    assert found(databases=["default"]) == ids
    assert found() == [], "without a database nothing is asked of it"


@pytest.mark.parametrize(
    ("backend", "processes", "ids"),
    [
        ("django.core.cache.backends.locmem.LocMemCache", 2, ["signalflow.W104"]),
        ("django.core.cache.backends.dummy.DummyCache", 2, ["signalflow.W104"]),
        ("django.core.cache.backends.locmem.LocMemCache", 1, []),
        ("django.core.cache.backends.filebased.FileBasedCache", 2, []),
    ],
)
def test_a_cache_for_each_process_is_found(backend, processes, ids, settings) -> None:
    settings.CACHES = {"default": {"BACKEND": backend, "LOCATION": "lantern"}}
    settings.SIGNALFLOW = {"PROCESSES": processes}
    assert found() == ids
