"""What the engine itself announces."""

from datetime import datetime

from django.dispatch import Signal

from signalflow.domain import DomainSignal

reconcile_requested = DomainSignal(
    """Someone asks every app to compare its derived data with the facts.

    Sent by `manage.py reconcile`, outside any transaction.  `repair` says whether to correct
    what is wrong or only to report it.  Receivers return a list of sentences, one for each
    difference found, its subject before a colon; an exception ends the command.
    """,
    repair=bool,
)

reconciled = DomainSignal(
    """A reconcile has ended.

    `findings` are the sentences of `reconcile_requested`, `repaired` says whether what they
    name is corrected now.  Sent outside any transaction, also when nothing was found.
    """,
    findings=list,
    repaired=bool,
)

pruning_requested = DomainSignal(
    """`signals prune` deletes what ended well before a moment: every app does so with its own log.

    Sent outside any transaction.  An exception ends the command.
    """,
    before=datetime,
)

operator_acted = DomainSignal(
    """Somebody used the controls of the machinery: retried, skipped or replayed deliveries, or
    changed what a listener sends out.

    Sent inside the transaction of the change.  `verb` reads after a name ("retried"), `label`
    says in words what it was done to, `details` are plain values.  An exception undoes it.
    """,
    verb=str,
    label=str,
    details=dict,
)

health_asked = Signal()
"""Somebody looks at the health page: how is your part of the site?

A question, sent outside any transaction and without arguments.  Receivers return a list of
`signalflow.operating.health.Fact`, or None; an exception is shown as a part that does not
answer.  A plain signal: looking leaves no trace.
"""
