"""What is announced of stored files."""

from signalflow import DomainSignal

files_released = DomainSignal(
    """Rows let go of stored files, by deletion or replacement.

    Sent inside the transaction; a rollback keeps the files.  `names` are storage names, each
    perhaps still in use by another row.
    """,
    names=list,
)

image_chosen = DomainSignal(
    """A row shows another image now, which was stored before.

    Sent inside the transaction by the doors that set images; a rollback leaves nothing to do.
    """,
    name=str,
)

renditions_made = DomainSignal(
    """The renditions of a stored image exist, and every row that shows it knows them.

    Sent outside any transaction, after the last file was written; the sender is the rows' model.
    An exception lets the image work be done again.
    """,
    name=str,
)
