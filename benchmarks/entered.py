"""Run a `dialtree` command and write the files whose functions were called whenever SIGUSR1 arrives.

A script by itself, so that it can run the code of another checkout:
`PYTHONPATH=CHECKOUT python entered.py OUTPUT serve --port 8000`.
"""

import importlib
import signal
import sys
import threading
from pathlib import Path
from types import FrameType
from typing import Any


def main() -> None:
    """Run the command."""
    output = Path(sys.argv[1])
    files: set[str] = set()

    def note(frame: FrameType, event: str, _: Any) -> None:
        if event == "call":
            files.add(frame.f_code.co_filename)

    def write(*_: Any) -> None:
        found = sorted(files)
        files.clear()
        part = output.with_suffix(".part")
        part.write_text("\n".join(found), encoding="utf-8")
        part.replace(output)

    signal.signal(signal.SIGUSR1, write)
    sys.argv[:2] = ["dialtree"]
    # The folder of this script is no part of the checkout, which `PYTHONPATH` names.
    del sys.path[0]
    threading.setprofile(note)
    sys.setprofile(note)
    importlib.import_module("app.command").main()


if __name__ == "__main__":
    main()
