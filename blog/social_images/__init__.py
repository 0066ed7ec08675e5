"""The images that stand for posts without one where their links are shared."""

SIZE = (1200, 630)  # pixels; what the networks that show links ask for
VERSION = 1  # raise it when they look different, then run `make_social_images --missing`
