"""What the pages and the commands share: who hears what, how it is, and what may be done."""
