"""From Markdown to safe HTML, and what is derived from a text beside it."""
