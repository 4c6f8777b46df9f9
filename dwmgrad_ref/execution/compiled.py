"""Formulas, losses and observers turned into machine code, once each, behind plain C signatures.

numba compiles the very functions that the interpreter runs; nothing is restated. Every rule, loss and
observer becomes one C function, and the driver (`engine.py`) calls them by address. So a new rule costs
one small compilation, not one for every problem, and the driver is the same machine code for all of them:
switching an observer on cannot change a trajectory.

Compiled code is kept on disk, in a folder named after the content of this package, so that an edited
formula can never meet a stale compilation and the second start is instant.
"""

import hashlib
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from types import FunctionType
from typing import Any

import numba
import numpy as np
import platformdirs
from llvmlite import ir
from numba import carray, cfunc, float64, int64, njit, types
from numba.extending import intrinsic, overload, register_jitable

from dwmgrad_ref import ops
from dwmgrad_ref.rules.base import Rule

_P = types.CPointer(float64)
_lock = threading.RLock()  # numba's cache folder is global, and runs compile from several threads
TOTALS = 8  # scalars an observer may accumulate besides its per-coordinate rows

# step(options, shared, state, x, g, d, rows, loss): state is (rows, d), x becomes the unprojected iterate
STEP = types.void(_P, _P, _P, _P, _P, int64, int64, float64)
# potential(options, shared, state, h, damp, shift, d, rows)
POTENTIAL = types.void(_P, _P, _P, _P, _P, _P, int64, int64)
# loss(A, n, m, b, nb, c, nc, t, x, g, d) -> f_t(x), the gradient written to g
LOSS = float64(_P, int64, int64, _P, int64, _P, int64, int64, _P, _P, int64)
# observe(t, x, g, h, damp, z, w, u, rows, row_count, totals, d)
OBSERVE = types.void(int64, _P, _P, _P, _P, _P, _P, _P, _P, int64, _P, int64)

# Where compiled code and what it calls is written; the rest of the package may change without a recompilation.
_COMPILED = (
    "ops.py", "arithmetic.py", "execution/compiled.py", "execution/driver.py", "rules", "problems", "observers",
)  # fmt: skip


@cache
def cache_folder() -> Path:
    """Folder of the compiled code for exactly this source text and these library versions."""
    digest = hashlib.sha256(f"{numba.__version__} {np.__version__}".encode())
    here = Path(__file__).parents[1]
    for source in _COMPILED:
        for file in sorted((here / source).rglob("*.py")) or [here / source]:
            digest.update(file.read_bytes())
    root = os.environ.get("DWMGRAD_CACHE") or platformdirs.user_cache_dir("dwmgrad")
    return Path(root) / "compiled" / digest.hexdigest()[:16]


@contextmanager
def _on_disk() -> Iterator[None]:
    """Send numba's cache to our folder for what is decorated inside; other libraries keep their own."""
    config: Any = numba.config  # numba sets its options as attributes when imported, unseen by type checkers
    with _lock:
        before = config.CACHE_DIR
        config.CACHE_DIR = str(cache_folder())
        try:
            yield
        finally:
            config.CACHE_DIR = before


def c_function(signature: Any) -> Callable[[Callable[..., Any]], Any]:
    """Decorator: compile to a C function with that signature, cached on disk."""

    def wrap(function: Callable[..., Any]) -> Any:
        with _on_disk():
            return cfunc(signature, cache=True, error_model="numpy")(function)

    return wrap


def compiled(function: Callable[..., Any]) -> Any:
    """Decorator: compile on first call, cached on disk, without the interpreter lock."""
    with _on_disk():
        return njit(cache=True, nogil=True, error_model="numpy")(function)


def caller(signature: Any) -> Any:
    """A compiled function `call(address, arguments)` for C functions of that signature.

    Arrays among the arguments are passed as pointers to their first element.
    """

    @intrinsic
    def call(typing_context: Any, address: Any, arguments: Any) -> Any:
        void = signature.return_type == types.void

        def generate(context: Any, builder: Any, sig: Any, values: Any) -> Any:
            result = ir.VoidType() if void else context.get_value_type(signature.return_type)
            function_type = ir.FunctionType(result, [context.get_value_type(t) for t in signature.args])
            function = builder.inttoptr(values[0], function_type.as_pointer())
            passed = []
            for position, kind in enumerate(sig.args[1].types):
                value = builder.extract_value(values[1], position)
                is_array = isinstance(kind, types.Array)
                passed.append(context.make_array(kind)(context, builder, value).data if is_array else value)
            returned = builder.call(function, passed)
            return context.get_dummy_value() if void else returned

        return signature.return_type(address, arguments), generate

    return call


# --- the operations of ops.py, as compiled code sees them -------------------------------------------------
# numba demands that an overload and its implementation agree in argument names and annotations: none here.


@overload(ops.sqrt)
def _sqrt(x):
    return lambda x: np.sqrt(x)


@overload(ops.absolute)
def _absolute(x):
    return lambda x: abs(x)


@overload(ops.greater)
def _greater(a, b):
    return lambda a, b: a > b


@overload(ops.where)
def _where(condition, a, b):
    return lambda condition, a, b: a if condition else b


@overload(ops.minimum)
def _minimum(a, b):
    return lambda a, b: a if b > a else b


@overload(ops.maximum)
def _maximum(a, b):
    return lambda a, b: a if a > b else b


@overload(ops.exp)
def _exp(x):
    return lambda x: np.exp(x)


@overload(ops.log)
def _log(x):
    return lambda x: np.log(x)


@overload(ops.power)
def _power(x, exponent):
    return lambda x, exponent: x**exponent


@overload(ops.sign)
def _sign(x):
    return lambda x: 1.0 if x > 0 else (-1.0 if x < 0 else x)


@overload(ops.mean_of_last)
def _mean_of_last(past, newest, count):
    def implementation(past, newest, count):
        total = newest
        for age in range(len(past)):
            if count > age + 1:
                total = total + past[age]
        return total / count

    return implementation


@overload(ops.pushed)
def _pushed(past, newest):
    def implementation(past, newest):
        for age in range(len(past) - 1, 0, -1):
            past[age] = past[age - 1]
        past[0] = newest
        return past

    return implementation


# --- named tuples in and out of arrays ---------------------------------------------------------------------


def _from_array(cls, values):
    return cls(*values)


def _from_column(cls, state, i):
    raise NotImplementedError("compiled code only")


def _to_column(state, i, values):
    raise NotImplementedError("compiled code only")


def _function(text: str):
    scope: dict[str, Any] = {}
    exec(text, scope)
    return scope["f"]


def _history_row(fields: tuple[str, ...]) -> int | None:
    """Position of the field that is a whole column of past values; always the last one."""
    return len(fields) - 1 if fields and fields[-1] == "past" else None


@overload(_from_array)
def _from_array_compiled(cls, values):
    items = ", ".join(f"values[{j}]" for j in range(len(cls.instance_class._fields)))
    return _function(f"def f(cls, values): return cls({items})")


@overload(_from_column)
def _from_column_compiled(cls, state, i):
    fields = cls.instance_class._fields
    items = [f"state[{j}, i]" for j in range(len(fields))]
    if (row := _history_row(fields)) is not None:
        items[row] = f"state[{row}:, i]"
    return _function(f"def f(cls, state, i): return cls({', '.join(items)})")


@overload(_to_column)
def _to_column_compiled(state, i, values):
    scalars = len(values) if _history_row(values.fields) is None else len(values) - 1  # history is updated in place
    body = "; ".join(f"state[{j}, i] = values[{j}]" for j in range(scalars)) or "pass"
    return _function(f"def f(state, i, values): {body}")


# --- one C function per rule and per loss ------------------------------------------------------------------


@cache
def compilable(function: Any) -> Any:
    """The function, made known to numba together with the plain functions of its file or package."""
    for name in function.__code__.co_names:
        helper = function.__globals__.get(name)
        home = getattr(helper, "__module__", None) or ""
        own = home == function.__module__ or (home.startswith("dwmgrad_ref.") and home != ops.__name__)
        if isinstance(helper, FunctionType) and own and helper is not function:
            compilable(helper)
    return register_jitable(function)


@cache
def step_of(rule: Rule) -> Any:
    """The rule's whole step on d coordinates, signature STEP."""
    Options, Shared, Coord = rule.Options, rule.Shared, rule.Coord
    shared, coord = compilable(rule.shared), compilable(rule.coord)
    n_options, n_shared = len(Options._fields), len(Shared._fields)

    @c_function(STEP)
    def step(p, k, s, x, g, d, rows, loss):
        k = carray(k, n_shared)
        state, x, g = carray(s, (rows, d)), carray(x, d), carray(g, d)
        o = _from_array(Options, carray(p, n_options))
        now = shared(o, _from_array(Shared, k), loss)
        for j in range(n_shared):
            k[j] = now[j]
        for i in range(d):
            c, x[i] = coord(o, now, _from_column(Coord, state, i), x[i], g[i])
            _to_column(state, i, c)

    return step


def _unknown(o: Any, k: Any, c: Any) -> tuple[float, float, float]:
    return np.nan, np.nan, 0.0


@cache
def potential_of(rule: Rule) -> Any:
    """Preconditioner, damping and shift of every coordinate, signature POTENTIAL; unknown if the rule has none."""
    Options, Shared, Coord = rule.Options, rule.Shared, rule.Coord
    potential = compilable(rule.potential or _unknown)
    n_options, n_shared = len(Options._fields), len(Shared._fields)

    @c_function(POTENTIAL)
    def read(p, k, s, h, damp, shift, d, rows):
        state = carray(s, (rows, d))
        h, damp, shift = carray(h, d), carray(damp, d), carray(shift, d)
        o, now = _from_array(Options, carray(p, n_options)), _from_array(Shared, carray(k, n_shared))
        for i in range(d):
            h[i], damp[i], shift[i] = potential(o, now, _from_column(Coord, state, i))

    return read


@cache
def loss_of(kernel: Callable[..., Any]) -> Any:
    """A problem's loss and gradient `kernel(A, b, c, t, x, g) -> loss`, signature LOSS."""
    kernel = compilable(kernel)

    @c_function(LOSS)
    def loss(A, n, m, b, nb, c, nc, t, x, g, d):
        return kernel(carray(A, (n, m)), carray(b, nb), carray(c, nc), t, carray(x, d), carray(g, d))

    return loss


@cache
def observer_of(kernel: Callable[..., Any]) -> Any:
    """An observer's sums `kernel(t, x, g, h, damp, z, w, u, rows, totals)`, signature OBSERVE."""
    kernel = compilable(kernel)

    @c_function(OBSERVE)
    def observe(t, x, g, h, damp, z, w, u, rows, row_count, totals, d):
        kernel(
            t,
            carray(x, d),
            carray(g, d),
            carray(h, d),
            carray(damp, d),
            carray(z, d),
            carray(w, d),
            carray(u, d),
            carray(rows, (row_count, d)),
            carray(totals, TOTALS),
        )

    return observe
