"""The doors of the blog: every change of a post goes through one of these functions.

Each checks the rights of `by` (None: the system), locks the row, looks at its state, writes
only the columns it changes, and announces the change inside the same transaction.
"""

from blog.services.featuring import feature, unfeature
from blog.services.publishing import (
    PublishResult,
    bulk_publish,
    publish,
    publish_due,
    publish_if_due,
    schedule,
    unpublish,
    unschedule,
)
from blog.services.refusals import Refused, StaleVersion
from blog.services.writing import create_post, delete_post, edit_post, hand_over, import_post

__all__ = [
    "PublishResult",
    "Refused",
    "StaleVersion",
    "bulk_publish",
    "create_post",
    "delete_post",
    "edit_post",
    "feature",
    "hand_over",
    "import_post",
    "publish",
    "publish_due",
    "publish_if_due",
    "schedule",
    "unfeature",
    "unpublish",
    "unschedule",
]
