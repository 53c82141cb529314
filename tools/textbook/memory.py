"""Peak memory of this process, counted as the benchmark counts that of ours; only Linux tells."""

import re
import threading
from pathlib import Path

STATUS = Path("/proc/self/status")
EVERY_SECONDS = 0.01


class PeakMemory:
    """Watches from `with` on; both figures are None where the system does not tell."""

    private: int | None = None
    """Largest amount of private (anonymous) memory that was seen, in bytes."""
    resident: int | None = None
    """Largest resident size of all, as the system counted it, in bytes."""

    def __enter__(self) -> "PeakMemory":
        self.ended = threading.Event()
        self.watcher = threading.Thread(target=self.watch, daemon=True)
        self.watcher.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.ended.set()
        self.watcher.join()
        self.read()

    def watch(self) -> None:
        while not self.ended.wait(EVERY_SECONDS):
            self.read()

    def read(self) -> None:
        if not STATUS.exists():
            return
        status = STATUS.read_text()
        self.private = max(self.private or 0, field_bytes(status, "RssAnon"))
        self.resident = field_bytes(status, "VmHWM")


def field_bytes(status: str, field: str) -> int:
    found = re.search(rf"^{field}:\s+(\d+) kB$", status, re.MULTILINE)
    return int(found[1]) * 1024 if found else 0
