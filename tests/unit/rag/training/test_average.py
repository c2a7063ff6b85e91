"""The mean of the weights of several runs."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from rag.training.average import average, mean_of


def test_each_weight_is_the_mean_and_counters_are_the_last_ones(tmp_path: Path) -> None:
    for name, value, step in (("first", 1.0, 3), ("third", 2.0, 5)):
        (tmp_path / name).mkdir()
        model = {"w": torch.full((2, 2), value), "positions": torch.tensor([step])}
        torch.save({"model": model, "step": step}, tmp_path / name / "checkpoint.pt")
    average([tmp_path / "first", tmp_path / "third"], [0.25, 0.75], tmp_path / "mean")
    state = torch.load(tmp_path / "mean" / "checkpoint.pt", weights_only=True)
    assert state["model"]["w"].tolist() == [[1.75, 1.75], [1.75, 1.75]]
    assert (state["model"]["positions"].tolist(), state["step"]) == ([5], 8)


@pytest.mark.parametrize("shares", [[1.0], [0.5, 0.6]])
def test_shares_that_do_not_fit_are_refused(shares: list[float]) -> None:
    with pytest.raises(ValueError, match="shares that sum to 1"):
        mean_of([{}, {}], shares)
