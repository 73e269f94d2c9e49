"""npm, for tests of front ends."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path


def npm(folder: Path, *command: str, **environment: str) -> None:
    """Run npm in a folder; what it printed is shown if it fails."""
    done = subprocess.run(
        ["npm", *command], cwd=folder, env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def install(manifest: Path, folder: Path) -> None:
    """Install the packages that the manifest of a folder pins into another folder."""
    for name in ("package.json", "package-lock.json", ".npmrc"):
        shutil.copy(manifest / name, folder)
    npm(folder, "ci", "--no-audit", "--no-fund")
