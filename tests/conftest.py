"""What all tests share."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

# Machines differ in speed and are shared: a slow example is no failure. CI repeats the same ones.
settings.register_profile("dev", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "dev"))

_DATA = os.environ.get("WHYNET_DATA")  # read before any test changes the environment


@pytest.fixture
def data_dir() -> Path:
    """The folder with the real data sets; tests that need them are skipped without it."""
    if not _DATA:
        pytest.skip("WHYNET_DATA is not set: point it at a folder that holds mnist/ and cifar10/")
    return Path(_DATA)
