"""What the purging of a CDN announces."""

from signalflow import DomainSignal

purge_wanted = DomainSignal(
    """Pages have ended that a CDN may still show.

    Sent inside the transaction that wrote down which.  One delivery purges for all that wait.
    """
)
