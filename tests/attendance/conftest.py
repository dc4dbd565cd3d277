"""The functions' runtime by a clock that the test moves."""

import pytest

from gather.runtime import Runtime
from tests.support.clocks import Clock


@pytest.fixture
def runtime(gather_runtime: Runtime, clock: Clock) -> Runtime:
    return clock.rules(gather_runtime)
