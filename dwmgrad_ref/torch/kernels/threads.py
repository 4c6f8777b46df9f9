"""Running compiled code on the threads that torch has already started.

A second pool of threads would spin against torch's while each waits for its own work, so the kernel is handed to the
OpenMP runtime in this process, which keeps the threads of the backward pass warm.
"""

import ctypes
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

import torch

Runner = Callable[[int, int, int], None]  # run(address of f, job, threads): f(job) on that many threads, to the end


@cache
def runner() -> Runner:
    """OpenMP as torch uses it; threads of our own where this build of torch has none that can be called."""
    for path in (*sorted((Path(torch.__file__).parent / "lib").glob("lib*omp*")), None):
        try:
            return openmp(ctypes.CDLL(None if path is None else str(path)))
        except (OSError, AttributeError, TypeError):
            continue
    return own_threads()


def openmp(library: ctypes.CDLL) -> Runner:
    """The entry point that compilers call for `#pragma omp parallel`.

    Raises:
        AttributeError: the library is no OpenMP runtime with GNU's names.
    """
    parallel = library.GOMP_parallel
    parallel.argtypes = [ctypes.c_int64, ctypes.c_int64, ctypes.c_uint, ctypes.c_uint]
    parallel.restype = None
    return lambda function, job, threads: parallel(function, job, threads, 0)


def own_threads() -> Runner:
    """A pool of Python threads; ctypes lets go of the interpreter lock during a call."""
    pool = ThreadPoolExecutor(thread_name_prefix="dwmgrad-fused")

    def run(function: int, job: int, threads: int) -> None:
        call = ctypes.CFUNCTYPE(None, ctypes.c_int64)(function)
        others = [pool.submit(call, job) for _ in range(threads - 1)]
        call(job)
        for other in others:
            other.result()

    return run
