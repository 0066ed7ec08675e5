"""Only the outbox talks to a mail server: whoever else did would let a request wait for it."""

import ast
from pathlib import Path

from django.conf import settings

ROOT = Path(settings.BASE_DIR)
APPS = [
    *settings.DOMAIN_APPS,
    *settings.LISTENER_APPS,
    *("signalflow", "transfer", "lab", "config"),
]

# What sends, or gets something that does; a mail may be written anywhere.
SENDING = {
    *("send_mail", "send_mass_mail", "mail_admins", "mail_managers", "get_connection"),
    *("smtplib", "email_user", "AdminEmailHandler"),
}
WRITING = {"EmailMessage", "EmailMultiAlternatives"}
WRITERS = {
    "listeners/notifications/composing.py",  # for workers
    "accounts/mails.py",  # hands them on; sends them itself where the outbox was taken out
}


def names_in(source: str) -> set[str]:
    """What a module imports, looks up or names in a text without spaces (a dotted path)."""
    names = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names |= {part for alias in node.names for part in alias.name.split(".")}
            names |= set((getattr(node, "module", None) or "").split("."))
        elif isinstance(node, ast.Attribute):
            names.add(node.attr)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            names |= set(node.value.split(".")) if " " not in node.value else set()
    return names


def test_nothing_outside_the_sender_sends() -> None:
    modules = [path for app in APPS for path in (ROOT / app.replace(".", "/")).rglob("*.py")]
    assert len(modules) > 100
    used = {str(path.relative_to(ROOT)): names_in(path.read_text()) for path in modules}
    senders = {path for path, names in used.items() if names & SENDING}
    # The accounts hook into allauth's `send_mail`, and send nothing there.
    assert senders - {"accounts/adapter.py"} == {"listeners/notifications/sending.py"}
    writers = {path for path, names in used.items() if names & WRITING}
    assert writers <= WRITERS
