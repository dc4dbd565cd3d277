"""When a failed delivery is tried again: a pure schedule."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """Production's numbers by default; a laptop wants shorter ones.

    Cloud Functions of the second generation retry with exponential back-off from 10 to 600 seconds and give
    up after 24 hours: https://cloud.google.com/functions/docs/bestpractices/retries
    """

    first_delay_s: float = 10.0
    max_delay_s: float = 600.0
    window_s: float = 24 * 3600.0

    def __post_init__(self) -> None:
        if not 0 <= self.first_delay_s <= self.max_delay_s:
            raise ValueError(
                f"the first delay ({self.first_delay_s:g} s) must be between 0 and the longest ({self.max_delay_s:g} s)"
            )

    def delay_s(self, attempts: int, *, age_s: float) -> float | None:
        """Each failure doubles the wait up to the longest; None when the next attempt would be too late.

        `attempts` have failed so far, the first of them `age_s` ago.
        """
        # The exponent is bounded so that thousands of failures do not overflow a float.
        delay = min(self.max_delay_s, self.first_delay_s * 2.0 ** min(attempts - 1, 64))
        return delay if age_s + delay <= self.window_s else None
