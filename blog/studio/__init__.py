"""The side of the authors: what they write, plan, publish and delete."""
