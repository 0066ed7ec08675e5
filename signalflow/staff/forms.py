from collections.abc import Iterable
from typing import Any

from django import forms

from signalflow import registry
from signalflow.operating import wiring
from signalflow.spec import Phase


class WiringForm(forms.Form):
    """Which edges to show."""

    signal = forms.CharField(required=False, max_length=200, label="Signal")
    app = forms.ChoiceField(required=False, label="App")
    phase = forms.ChoiceField(
        required=False,
        label="Phase",
        choices=[("", "Any"), *((p.value, p.value) for p in Phase), (wiring.PLAIN, wiring.PLAIN)],
    )
    fired = forms.ChoiceField(
        required=False,
        label="Seen lately",
        choices=[("", "All"), ("yes", "Ran"), ("no", "Did not run")],
    )

    def __init__(self, data: Any, edges: Iterable[wiring.Edge]) -> None:
        super().__init__(data)
        apps = sorted({edge.app for edge in edges})
        self.fields["app"].choices = [("", "Any"), *((app, app) for app in apps)]  # type: ignore[attr-defined]

    def chosen(self) -> dict[str, Any]:
        """Arguments for `wiring.select`; a wrong filter is none."""
        self.full_clean()
        values = {name: self.cleaned_data.get(name, "") for name in ("signal", "app", "phase")}
        fired = {"yes": True, "no": False}.get(self.cleaned_data.get("fired", ""))
        return {**values, "fired": fired}


class ReplayForm(forms.Form):
    """Which deliveries to give again."""

    receiver = forms.ChoiceField(label="Receiver")
    since = forms.DateTimeField(
        label="Since",
        help_text="In your time zone.",
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        uids = sorted(
            {w.receiver.uid for w in registry.wires() if w.receiver.phase is Phase.DURABLE}
        )
        self.fields["receiver"].choices = [(uid, uid) for uid in uids]  # type: ignore[attr-defined]
