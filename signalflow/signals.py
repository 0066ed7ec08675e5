"""What the engine itself announces."""

from signalflow.domain import DomainSignal

reconcile_requested = DomainSignal(
    """Someone asks every app to compare its derived data with the facts.

    Sent by `manage.py reconcile`, outside any transaction.  `repair` says whether to correct
    what is wrong or only to report it.  Receivers return a list of sentences, one for each
    difference found; an exception ends the command.
    """,
    repair=bool,
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
