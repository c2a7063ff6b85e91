"""Between training and export: the weights of runs, one begun from another, → their weighted mean.

    python -m rag.training.average --runs runs/first runs/third --shares 0.3 0.7 --out runs/averaged

The mean of a model and of its further training can be better than either on what each knows best
(Wortsman et al. 2022, https://arxiv.org/abs/2109.01903).
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import torch

Weights = dict[str, torch.Tensor]


def mean_of(models: Sequence[Weights], shares: Sequence[float]) -> Weights:
    """The weighted mean, tensor by tensor; what is not floating-point is the last model's.

    Raises: ValueError, where shares do not fit the models or do not sum to 1.
    """
    if len(models) != len(shares) or abs(sum(shares) - 1) > 1e-6:
        raise ValueError(f"{len(models)} runs need as many shares that sum to 1, not {shares}")
    return {
        name: torch.stack(
            [share * model[name] for model, share in zip(models, shares, strict=True)]
        ).sum(0)
        if last.is_floating_point()
        else last
        for name, last in models[-1].items()
    }


def average(runs: Sequence[Path], shares: Sequence[float], out: Path) -> None:
    """Writes the mean of the runs' newest checkpoints as `out/checkpoint.pt`."""
    states = [torch.load(run / "checkpoint.pt", weights_only=True) for run in runs]
    out.mkdir(parents=True, exist_ok=True)
    model = mean_of([state["model"] for state in states], shares)
    torch.save(
        {"model": model, "step": sum(state["step"] for state in states)}, out / "checkpoint.pt"
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line of the averaging."""
    parser = argparse.ArgumentParser(prog="python -m rag.training.average", description=__doc__)
    parser.add_argument("--runs", type=Path, nargs="+", required=True)
    parser.add_argument("--shares", type=float, nargs="+", required=True)
    parser.add_argument("--out", type=Path, required=True)
    chosen = parser.parse_args(arguments)
    average(chosen.runs, chosen.shares, chosen.out)


if __name__ == "__main__":
    main()
