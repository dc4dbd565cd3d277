"""Writes the golden files anew: `PYTHONPATH=functions:. python -m tests.feeds.renew_golden`; then read the diff."""

from tests.feeds.samples import SAMPLES
from tests.feeds.test_ical import GOLDEN, calendar_of

if __name__ == "__main__":
    for name, sample in SAMPLES.items():
        (GOLDEN / f"{name}.ics").write_bytes(calendar_of(sample))
