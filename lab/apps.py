from django.apps import AppConfig


class LabConfig(AppConfig):
    """No `ready`: the receivers of the lab are connected for the length of a run alone."""

    name = "lab"
