"""What reacts to the domain: each app here may be taken out of the settings by itself.

They know the domain, not each other; nothing in the domain knows them.
"""
