"""One Hypothesis profile for all tests: no clock, and the same examples in every run."""

from hypothesis import HealthCheck, settings

settings.register_profile(
    "derive", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("derive")
