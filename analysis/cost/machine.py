"""The machine that is measured, as plain values, and its cache sizes."""

import os
import platform
from functools import cache
from pathlib import Path
from typing import Any

import psutil

_CPU = Path("/sys/devices/system/cpu/cpu0/cache")
ASSUMED = {"1": 32 << 10, "2": 1 << 20, "3": 32 << 20}  # bytes, where the system does not tell


@cache
def caches() -> dict[str, int]:
    """Bytes of the data caches by level, "1" to "3", as the first core sees them."""
    found = {}
    for index in sorted(_CPU.glob("index*")):
        try:
            kind, level, size = ((index / name).read_text().strip() for name in ("type", "level", "size"))
        except OSError:
            continue
        if kind != "Instruction":
            found[level] = int(size.rstrip("KM")) << (20 if size.endswith("M") else 10)
    return {**ASSUMED, **found} if found else dict(ASSUMED)


def described() -> dict[str, Any]:
    """What a reader needs to place the numbers: processor, cores, caches, memory, system, load, thread settings."""
    import torch

    return {
        "processor": _processor(),
        "cores": psutil.cpu_count(logical=False) or os.cpu_count(),
        "logical_cores": os.cpu_count(),
        "caches": caches(),
        "caches_told": any(_CPU.glob("index*")),
        "memory_gib": round(psutil.virtual_memory().total / 2**30, 1),
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "torch": torch.__version__,
        "gpu": torch.cuda.get_device_name() if torch.cuda.is_available() else None,
        "threads": 1,
    }


def load() -> float:
    """Processes that wanted a core in the last minute, on average."""
    return round(psutil.getloadavg()[0], 2)


def free_bytes() -> float:
    return float(psutil.virtual_memory().available)


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else ():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
