"""The running server against its own OpenAPI description, with examples made by schemathesis."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

EXAMPLES = os.environ.get("CONTRACT_EXAMPLES", "10")
CONFIGURATION = """
[checks.negative_data_rejection]
expected-statuses = [400, 401, 403, 404, 405, 413, 415, 422, 429]

[checks.positive_data_acceptance]
expected-statuses = ["2xx", 400, 403, 404, 413]

[warnings]
enabled = false
"""


def test_the_server_keeps_to_its_description(open_server: Any, tmp_path: Path) -> None:
    (tmp_path / "schemathesis.toml").write_text(CONFIGURATION)
    command = str(Path(sys.executable).with_name("schemathesis"))
    done = subprocess.run(
        [
            command,
            "run",
            f"{open_server.url}/api/v1/openapi.json",
            "--phases=examples,coverage,fuzzing",
            f"--max-examples={EXAMPLES}",
            "--seed=1",
            "--no-color",
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout[-6000:]
