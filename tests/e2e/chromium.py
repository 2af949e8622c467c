"""Finds a Chromium to drive: the one on PATH, or one that npm brings, so that nobody needs root to run the tests."""

import os
import shutil
import subprocess
from pathlib import Path

HERE = Path(__file__).parent / "browser"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# The unpacked one has no helper processes of its own to start.
ARGUMENTS = ["--no-sandbox", "--no-zygote", "--in-process-gpu", "--disable-dev-shm-usage"]


def executable() -> str:
    """The browser's path. Raises CalledProcessError when there is none and npm cannot bring one."""
    if not os.environ.get("E2E_UNPACKED_BROWSER"):
        for name in NAMES:
            if found := shutil.which(name):
                return found
    if not (HERE / "node_modules").exists():
        subprocess.run(["npm", "ci", "--silent"], cwd=HERE, check=True)
    unpacked = HERE / "node_modules" / ".unpacked"
    unpacked.mkdir(exist_ok=True)
    answer = subprocess.run(
        ["node", "unpack.mjs"], cwd=HERE, check=True, text=True, capture_output=True,
        env={**os.environ, "TMPDIR": str(unpacked)},
    )  # fmt: skip
    return answer.stdout.strip().splitlines()[-1]
