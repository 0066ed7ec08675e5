"""Phases for Django's signals: in the transaction, after its commit, or durably.

Nothing here replaces a signal.  `receiver` is Django's decorator with three more
questions: *when* does this run, *how often* is it tried, and *can it be muted*.
"""

from signalflow.actions import Action, action, current_action, current_actor
from signalflow.decorators import receiver
from signalflow.domain import DomainSignal
from signalflow.leases import renew_lease
from signalflow.muting import Mutes, muted
from signalflow.rehearsal import rehearse, rehearsing
from signalflow.spans import note
from signalflow.spec import AFTER_COMMIT, DURABLE, NOW, Phase, RegistrationError, Retry, Skip

__all__ = [
    "AFTER_COMMIT",
    "DURABLE",
    "NOW",
    "Action",
    "DomainSignal",
    "Mutes",
    "Phase",
    "RegistrationError",
    "Retry",
    "Skip",
    "action",
    "current_action",
    "current_actor",
    "muted",
    "note",
    "receiver",
    "rehearse",
    "rehearsing",
    "renew_lease",
]
