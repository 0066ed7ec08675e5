"""What is known of every registered receiver."""

from typing import Any, NamedTuple

from django.dispatch import Signal

from signalflow.names import signal_name
from signalflow.spec import Receiver


class Wire(NamedTuple):
    """One connection: this receiver hears this signal from this sender (None: from all)."""

    signal: Signal
    sender: Any
    receiver: Receiver


_wires: dict[tuple[int, int, str], Wire] = {}


def add(signal: Signal, sender: Any, spec: Receiver) -> None:
    """Remember that `spec` hears `signal` from `sender`."""
    _wires[id(signal), id(sender), spec.uid] = Wire(signal, sender, spec)


def wires() -> list[Wire]:
    """Every connection made through `receiver`; a copy, for others may connect meanwhile."""
    return list(_wires.values())


def find(uid: str) -> Receiver | None:
    """The receiver registered under `uid`, now or before, if this process has it."""
    return next((wire.receiver for wire in wires() if wire.receiver.answers_to(uid)), None)


def signal_named(name: str) -> Signal | None:
    """The signal a stored delivery names, if a receiver of this process hears it."""
    return next((wire.signal for wire in wires() if signal_name(wire.signal) == name), None)


def forget(uid: str) -> None:
    """Disconnect a receiver everywhere and drop it (tests register receivers of their own)."""
    for place, wire in list(_wires.items()):
        if wire.receiver.uid == uid:
            wire.signal.disconnect(sender=wire.sender, dispatch_uid=uid)
            del _wires[place]
