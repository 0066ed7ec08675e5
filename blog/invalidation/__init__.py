"""What a change means for the pages readers have been shown."""
