"""The schedule of retries."""

import pytest

from firewarden.triggers import RetryPolicy


def test_production_waits_10_s_doubling_to_600_s_within_24_h() -> None:
    policy = RetryPolicy()
    delays = [policy.delay_s(attempts, age_s=0) for attempts in range(1, 9)]
    assert delays == [10, 20, 40, 80, 160, 320, 600, 600]
    assert policy.delay_s(100, age_s=24 * 3600 - 600) == 600
    assert policy.delay_s(100, age_s=24 * 3600 - 599) is None


def test_many_failures_do_not_overflow() -> None:
    assert RetryPolicy().delay_s(1_000_000, age_s=0) == 600


def test_a_first_delay_above_the_longest_is_refused() -> None:
    with pytest.raises(ValueError, match=r"must be between 0 and the longest \(1 s\)"):
        RetryPolicy(first_delay_s=2, max_delay_s=1)
