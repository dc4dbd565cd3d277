"""An acknowledged commit survives `kill -9`, and nothing is half done. `crash` runs as many rounds as one likes."""

from pathlib import Path

from toolkit.tests.store.crash.rounds import run_round

ROUNDS = 10


def test_nothing_acknowledged_is_lost_when_the_process_is_killed(tmp_path: Path) -> None:
    seen = [run_round(number, tmp_path, seed=1) for number in range(ROUNDS)]
    assert [each for each in seen if each.faults] == []
    assert seen[-1].acknowledged > ROUNDS


def test_a_writer_that_acknowledges_too_early_is_found_out(tmp_path: Path) -> None:
    """Else the test above could not fail."""
    seen = (run_round(number, tmp_path, seed=1, early_per_mille=1_000) for number in range(1, 40))
    assert any("were acknowledged" in fault for each in seen for fault in each.faults)
