"""Messages that lead to the receipt of what they tell."""

from django.contrib import messages
from django.contrib.messages.storage.base import Message
from django.http import HttpRequest

from signalflow.actions import current_trace
from signalflow.spans import current_scope

TAG = "receipt:"


def tell(request: HttpRequest, text: str, level: int = messages.SUCCESS) -> None:
    """Say that something was done; the message shows its effects as they happen.

    An act that sent nothing leaves no trace, so its message leads nowhere.
    """
    place = current_scope()
    left_something = place is not None and not place.recorder.root.is_empty()
    tag = f"{TAG}{current_trace()}" if left_something else ""
    messages.add_message(request, level, text, extra_tags=tag)


def receipt_of(message: Message) -> str:
    """The trace a message tells of, "" for an ordinary one."""
    tag = message.extra_tags or ""
    return tag.removeprefix(TAG) if tag.startswith(TAG) else ""
