"""How many passwords may be tried, so that guessing is slow and nobody is locked out by others.

Counted are wrong ones: for a name from one network, for a network over all names, and, much
higher, for a name from everywhere.  Names are counted as they were typed: a count that is the
same for the name and the address of an account would tell whose address it is.  A browser in
which the account was signed in before has a count of its own and meets no other.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext as _

from accounts.backends import account_of
from accounts.devices import device_of
from accounts.limits import HOUR, MINUTE, Rate, forget, give_back, network_of, spend

FROM_ONE_NETWORK = Rate("password", 5, 5 * MINUTE)
FROM_ONE_DEVICE = Rate("password, known device", 10, 5 * MINUTE)
OF_ONE_NETWORK = Rate("passwords of a network", 50, 10 * MINUTE)
OF_ONE_NAME = Rate("passwords of a name", 500, HOUR)  # which takes nine networks to use up

TOO_MANY = "too_many_tries"


class Tries:
    """The tries for one typed name; `right` is set by whoever finds the password right."""

    right = False


@contextmanager
def counted(request: HttpRequest, name: str) -> Iterator[Tries]:
    """Around the look at a password: counts it beforehand, and takes a right one back.

    So of many that are sent at once no more are looked at than of many in a row.  Raises
    ValidationError, of the code TOO_MANY, where there were too many; it says the same of a name
    that nobody has.
    """
    counts = _counts(request, name.lower())
    if spend(*counts) is not None:
        sentence = _(
            "There were too many wrong passwords. Try again in some minutes, or set a new one."
        )
        raise ValidationError(sentence, code=TOO_MANY)
    tries = Tries()
    yield tries
    if tries.right:
        (rate, who), *wider = counts
        forget(rate, who)
        give_back(*wider)


def forgive(name: str) -> None:
    """Begin anew for a name from everywhere: its owner has set another password."""
    forget(OF_ONE_NAME, name.lower())


def _counts(request: HttpRequest, name: str) -> list[tuple[Rate, str]]:
    if device := device_of(request, account_of(name)):
        return [(FROM_ONE_DEVICE, f"{name} {device}")]
    network = network_of(request)
    return [
        (FROM_ONE_NETWORK, f"{network} {name}"),
        (OF_ONE_NETWORK, network),
        (OF_ONE_NAME, name),
    ]
