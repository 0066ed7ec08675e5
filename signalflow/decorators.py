"""The `receiver` decorator: Django's, with phases."""

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from django.dispatch import Signal

from signalflow import registry
from signalflow.faults import Fault, faults_of
from signalflow.phases import build_handler
from signalflow.spec import NOW, Phase, Receiver, RegistrationError, Retry, uid_of

Function = TypeVar("Function", bound=Callable[..., Any])


def receiver(
    signal: Signal | Iterable[Signal],
    sender: Any = None,
    when: Phase = NOW,
    *,
    uid: str = "",
    fixtures: bool = False,
    mutable: bool = True,
    key: str | Callable[..., Any] | None = None,
    eager: bool = False,
    atomic: bool = True,
    backstop: bool = False,
    retry: Retry | None = None,
    rehearse: Callable[..., Any] | None = None,
    renamed: str | Iterable[str] = (),
) -> Callable[[Function], Function]:
    """Connect a function to one signal or several, to run in the given phase.

    Args:
        signal: the signal or signals to hear.
        sender: hear only this sender; a string names a model, for model signals alone.
        when: NOW inside `send`, AFTER_COMMIT once the change is public, DURABLE by a worker.
        uid: the name deliveries are stored under; default: label of its app, module and name.
        fixtures: also run while `loaddata` loads rows.
        mutable: whether `muted` may silence it.
        key: an argument's name, or a function of the arguments; emissions with equal keys
            are served by one run, after which all of them are done.
        eager: DURABLE only: try once in this process, right after the commit.
        atomic: DURABLE only: run in a transaction together with "done".  False for effects
            outside the database (mail, HTTP): at least once instead of exactly once.
        backstop: AFTER_COMMIT only: a delivery stands behind the run.  Should the process die
            before it, or the run fail, a worker does it from what the delivery carries; now and
            then both do it, so twice must be as good as once.
        retry: DURABLE or with a backstop: how often and how fast to try again.
        rehearse: what stands in for the function when an act is only rehearsed; without one, a
            receiver with `atomic=False` is not called there.
        renamed: the uid, or all uids, it had before: what is stored under them is for it.

    Returns the function itself.  Raises RegistrationError for what could never work.
    """
    signals = [signal] if isinstance(signal, Signal) else list(signal)

    def register(function: Function) -> Function:
        spec = Receiver(
            uid=uid or uid_of(function),
            function=function,
            phase=when,
            fixtures=fixtures,
            mutable=mutable,
            key=key,
            eager=eager,
            atomic=atomic,
            backstop=backstop,
            retry=retry or Retry(),
            rehearse=rehearse,
            renamed=(renamed,) if isinstance(renamed, str) else tuple(renamed),
        )
        faults = [fault for each in signals for fault in faults_of(spec, each, sender)]
        for name in (spec.uid, *spec.renamed):
            known = registry.find(name)
            if known and known.origin != spec.origin:
                taken = f"uid {name!r} is taken by {known.origin}; give this one its own"
                faults.append(Fault("E001", taken))
        if faults:
            told = "; ".join(
                f"{each.text} (signalflow.{each.id})" for each in dict.fromkeys(faults)
            )
            raise RegistrationError(f"{spec.origin}: {told}")
        for each in signals:
            each.connect(
                build_handler(each, spec), sender=sender, weak=False, dispatch_uid=spec.uid
            )
            registry.add(each, sender, spec)
        vars(function).setdefault("signalflow_receivers", []).append(spec)
        return function

    return register
