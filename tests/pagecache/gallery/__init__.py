"""An app that says nothing of what its pages depend on, nor of what its changes end."""
