"""Inside the fourth step: `python -m rag.probe DIRECTORY` opens a build and searches it for itself."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from rag.errors import GroundwireError
from rag.generations import MANIFEST, Manifest
from rag.index import read_generation

SENTINELS = 12


def probe(folder: Path) -> str | None:
    """What is wrong with the build in `folder`, or None: sentinel chunks must find themselves."""
    manifest = Manifest(**json.loads((folder / MANIFEST).read_text("utf-8")))
    index = read_generation(folder, manifest)
    step = max(1, len(index.chunks) // SENTINELS)
    faults = (
        index.vectors.fault_of(chunk.id, manifest.dimension) for chunk in index.chunks[::step]
    )
    return next((fault for fault in faults if fault), None)


def main() -> int:
    """0: sound; 1: not, with one line on standard error."""
    try:
        fault = probe(Path(sys.argv[1]))
    except GroundwireError as error:
        fault = str(error)
    if fault:
        print(fault, file=sys.stderr)
    return 1 if fault else 0


if __name__ == "__main__":
    sys.exit(main())
