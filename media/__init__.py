"""Pictures and files: taken in, kept, scaled, and removed when nobody refers to them.

Knows nobody's name: whose a picture is, and what it shows, say the models that have one.
"""
