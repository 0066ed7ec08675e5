"""What things cost, as ratios inside one run: `python -m tests.bench`."""
