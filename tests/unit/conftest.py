"""Property tests are about what is right: a busy machine that is slow fails none of them."""

from hypothesis import settings

settings.register_profile("no deadline", deadline=None)
settings.load_profile("no deadline")
