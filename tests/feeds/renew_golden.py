"""Writes the golden files anew: `PYTHONPATH=functions:. python -m tests.feeds.renew_golden`; then read the diff."""

from tests.feeds.golden_files import GOLDEN, calendar_of
from tests.feeds.samples import SAMPLES

if __name__ == "__main__":
    for name, sample in SAMPLES.items():
        (GOLDEN / f"{name}.ics").write_bytes(calendar_of(sample))
