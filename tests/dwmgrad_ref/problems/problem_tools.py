"""What the tests of problems share: the list of them, points to try, and the compiled loss as a function."""

import os
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from dwmgrad_ref import problems
from dwmgrad_ref.execution import compiled
from dwmgrad_ref.problems.base import Problem

DATA = [
    pytest.mark.data,
    pytest.mark.skipif(not os.environ.get("DWMGRAD_DATA"), reason="the data folder is not there (DWMGRAD_DATA)"),
]


def with_data(family: problems.Family):
    return pytest.param(family.name, marks=DATA if family.data else [])


def every(keep=lambda family: True):
    """Parametrize over the names of all problems that satisfy a condition."""
    return pytest.mark.parametrize("name", [with_data(f) for f in problems.families() if keep(f)])


@cache
def get(name: str, **parameters) -> Problem:
    """Problems are immutable and some take a second to make or solve: one each is enough."""
    return problems.get(name, **parameters)


def few_rows(problem: Problem) -> Problem:
    """The problem over the first rows only, if it averages so many that interpreting it would take seconds."""
    many = problem.fixed and problem.c.size == 2 and problem.c[1] > 1000
    return replace(problem, c=np.array([problem.c[0], 20.0])) if many else problem


def points(problem: Problem, count: int, seed: int = 0) -> np.ndarray:
    """Random points (count, d): of the box, or around x0 on scales from 0.01 to 10."""
    random = np.random.default_rng(seed)
    if problem.box:
        return random.uniform(*problem.box, (count, problem.d))
    return problem.x0 + random.standard_normal((count, problem.d)) * np.geomspace(0.01, 10, count)[:, None]


def evaluate(problem: Problem, x: np.ndarray, t: int = 1) -> tuple[float, np.ndarray]:
    """f_t(x) and its gradient by compiled code."""
    function = compiled.loss_of(problem.kernel).ctypes
    pointer = function.argtypes[0]
    x, g = np.array(x, dtype=float), np.zeros(problem.d)
    A, b, c = problem.A, problem.b, problem.c
    at = [array.ctypes.data_as(pointer) for array in (A, b, c, x, g)]
    return function(at[0], *A.shape, at[1], b.size, at[2], c.size, t, at[3], at[4], problem.d), g


def value(problem: Problem, x: np.ndarray, t: int = 1) -> float:
    return evaluate(problem, x, t)[0]


def gradient(problem: Problem, x: np.ndarray, t: int = 1) -> np.ndarray:
    return evaluate(problem, x, t)[1]
