from __future__ import annotations

import pytest

from tests.bench import __main__ as runner
from tests.bench.table import Row, render

FAST = Row("training", 120.0, 100.0, 1.2, 1.1, "steps/s", note="a note")
LATE = Row("heartbeat", 14.0, 2.0, 14.0, 12.0, "ms", least=False)


def test_a_row_knows_whether_its_aim_is_met() -> None:
    assert FAST.ok
    assert not LATE.ok
    assert FAST.to_json()["ok"] is True


def test_the_table_lines_up() -> None:
    head, first, second = render([FAST, LATE]).splitlines()
    assert head.index("aim") == first.index("≥ 1.1") == second.index("≤ 12")
    assert "a note" in first
    assert "NO" in second


def test_the_runner_prints_writes_and_says_what_missed(
    tmp_path: object, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(runner, "measured", lambda name, device: [FAST] if name in runner.CANVAS else [LATE])
    target = f"{tmp_path}/figures.json"
    assert runner.main(["--only", "canvas", "--json", target]) == 0
    assert runner.main([]) == 1
    assert "training" in capsys.readouterr().out
    with pytest.raises(SystemExit):
        runner.main(["--only", "nothing"])
