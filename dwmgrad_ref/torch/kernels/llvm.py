"""A traced formula as a program for LLVM: one loop that reads every number once and writes every number once.

What all coordinates share (options, shared state, constants and what follows from them) is computed once a step in
double precision by a Python function and handed over as a row of numbers; dividing by such a number is multiplying by
its inverse. So `1 - 1/k.omega` costs the loop nothing.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from dwmgrad_ref.recording import Operation, Traced
from dwmgrad_ref.torch.kernels.recording import Tape

# A tensor's numbers -> their type in memory; the arithmetic is in double for float64 and in float for the others.
STORED = {"float32": "float", "float64": "double", "bfloat16": "i16", "float16": "half"}

# `contract` lets a*b + c round once; nothing else is relaxed, so infinities and NaN behave as in the loop.
_LLVM = {
    "add": "fadd contract {real} {}, {}",
    "sub": "fsub contract {real} {}, {}",
    "mul": "fmul contract {real} {}, {}",
    "div": "fdiv {real} {}, {}",
    "neg": "fneg {real} {}",
    "greater": "fcmp ogt {real} {}, {}",
    "where": "select i1 {}, {real} {}, {real} {}",
    "sqrt": "call {real} @llvm.sqrt.{suffix}({real} {})",
    "abs": "call {real} @llvm.fabs.{suffix}({real} {})",
}
_PYTHON = {
    "add": "{} + {}",
    "sub": "{} - {}",
    "mul": "{} * {}",
    "div": "{} / {}",
    "neg": "-{}",
    "greater": "{} > {}",
    "where": "{1} if {0} else {2}",
    "sqrt": "sqrt({})",
    "abs": "abs({})",
    "inverse": "inverse({})",
    "itself": "{}",
}


@dataclass(frozen=True)
class Program:
    """LLVM's text, and the function that computes from (o, k, decay) the numbers that all coordinates share."""

    text: str
    shared: Callable[[Any, Any, float], tuple[float, ...]]
    count: int  # how many numbers `shared` returns


@dataclass
class _Lowering:
    """The loop's body as it grows."""

    tape: Tape
    real: str
    body: list[str] = field(default_factory=list)
    names: dict[Any, str] = field(default_factory=dict)  # of the values that the loop has computed
    slots: dict[tuple[str, Any], str] = field(default_factory=dict)  # of the numbers handed over, in order

    def operand(self, value: Any, how: str = "itself") -> str:
        """LLVM's name of a value; one that all coordinates share gets a place in the row of numbers."""
        if isinstance(value, Traced) and value.many:
            return self.names[value]
        key = how, value if isinstance(value, Traced) else repr(value)  # 0.0 and -0.0 would be equal
        return self.slots.setdefault(key, f"%shared{len(self.slots)}")

    def operation(self, operation: Operation) -> None:
        name, args, out = operation
        if name == "div" and not (isinstance(args[1], Traced) and args[1].many):
            operands, name = [self.operand(args[0]), self.operand(args[1], "inverse")], "mul"
        else:
            operands = [self.operand(a) for a in args]
        self.names[out] = f"%v{len(self.names)}"
        suffix = "f64" if self.real == "double" else "f32"
        self.body.append(f"{self.names[out]} = {_LLVM[name].format(*operands, real=self.real, suffix=suffix)}")


def program(tape: Tape, kinds: dict[str, str]) -> Program:
    """The tape's program.

    Args:
        kinds: a key of STORED for x, g and every field of the state, in the order of the table's columns.
    """
    real = "double" if "float64" in kinds.values() else "float"
    low = _Lowering(tape, real)
    for name, value in zip(kinds, (tape.x, tape.g, *tape.c), strict=True):
        low.body += _load(name, kinds[name])
        low.names[value] = f"%{name}.in"
    for operation in tape.operations:
        if operation.out.many:
            low.operation(operation)
    written = [name for name in kinds if name != "g"]
    for name, value in zip(written, (tape.new_x, *tape.new_c), strict=True):
        low.body += _store(name, kinds[name], low.operand(value))
    return Program(_text(low, list(kinds)), _shared_function(low), len(low.slots))


def _shared_function(low: _Lowering) -> Callable[[Any, Any, float], tuple[float, ...]]:
    """The part of the formula that is the same for all coordinates, as a Python function."""
    names: dict[Any, str] = {value: f"i{j}" for j, value in enumerate(low.tape.inputs)}
    lines = [f" ({''.join(f'{name}, ' for name in names.values())}) = (*o, *k, decay)"]
    for name, args, out in low.tape.operations:
        if not out.many:
            names[out] = f"s{len(names)}"
            lines.append(f" {names[out]} = {_PYTHON[name].format(*(names.get(a, repr(a)) for a in args))}")
    row = [_PYTHON[how].format(names.get(value, value)) for how, value in low.slots]
    scope: dict[str, Any] = {"sqrt": math.sqrt, "inf": math.inf, "nan": math.nan, "inverse": _inverse}
    exec("\n".join(["def shared(o, k, decay):", *lines, f" return ({''.join(f'float({v}), ' for v in row)})"]), scope)
    return scope["shared"]


def _inverse(value: float) -> float:
    """1/value as tensors divide: infinite at zero, where Python raises."""
    return 1 / value if value else math.copysign(math.inf, value)


def _load(name: str, kind: str) -> list[str]:
    v = f"%{name}"
    at = f"{v}.from = getelementptr {STORED[kind]}, ptr {v}, i64 %i"
    if kind == "bfloat16":
        return [
            at,
            f"{v}.bits = load i16, ptr {v}.from",
            f"{v}.wide = zext i16 {v}.bits to i32",
            f"{v}.high = shl i32 {v}.wide, 16",
            f"{v}.in = bitcast i32 {v}.high to float",
        ]
    if kind == "float16":
        return [at, f"{v}.half = load half, ptr {v}.from", f"{v}.in = fpext half {v}.half to float"]
    return [at, f"{v}.in = load {STORED[kind]}, ptr {v}.from"]


def _store(name: str, kind: str, value: str) -> list[str]:
    v = f"%{name}"
    at = f"{v}.to = getelementptr {STORED[kind]}, ptr {v}, i64 %i"
    if kind == "bfloat16":  # to the nearest, ties to even; a NaN stays one
        return [
            at,
            f"{v}.raw = bitcast float {value} to i32",
            f"{v}.top = lshr i32 {v}.raw, 16",
            f"{v}.odd = and i32 {v}.top, 1",
            f"{v}.up = add i32 {v}.odd, 32767",
            f"{v}.sum = add i32 {v}.raw, {v}.up",
            f"{v}.near = lshr i32 {v}.sum, 16",
            f"{v}.nan = fcmp uno float {value}, 0.0",
            f"{v}.out = select i1 {v}.nan, i32 32704, i32 {v}.near",
            f"{v}.short = trunc i32 {v}.out to i16",
            f"store i16 {v}.short, ptr {v}.to",
        ]
    if kind == "float16":
        return [at, f"{v}.short = fptrunc float {value} to half", f"store half {v}.short, ptr {v}.to"]
    return [at, f"store {STORED[kind]} {value}, ptr {v}.to"]


def _text(low: _Lowering, names: list[str]) -> str:
    """The whole program around the loop's body."""
    real, suffix = low.real, "f64" if low.real == "double" else "f32"
    entry = []
    for j, ((_, value), name) in enumerate(low.slots.items()):
        entry += [f"{name}.at = getelementptr double, ptr %shared, i64 {j}", f"{name}.d = load double, ptr {name}.at"]
        if any(op.out is value and op.name == "greater" for op in low.tape.operations):
            entry.append(f"{name} = fcmp une double {name}.d, 0.0")
        else:
            change = "fptrunc double {}.d to float" if real == "float" else "fadd double {}.d, -0.0"
            entry.append(f"{name} = {change.format(name)}")
    loads = [
        line
        for j, name in enumerate(names, 1)
        for line in (f"%{name}.at = getelementptr i64, ptr %n.at, i64 {j}", f"%{name} = load ptr, ptr %{name}.at")
    ]
    return _PROGRAM.format(
        real=real, suffix=suffix, width=len(names) + 1, entry="\n  ".join(entry), body="\n  ".join(low.body),
        loads="\n  ".join(loads), arguments=", ".join(f"ptr %{name}" for name in names),
        parameters=", ".join(f"ptr noalias %{name}" for name in names),
    )  # fmt: skip


# rows: a line of 64-bit words for every piece of a tensor, its length and the addresses of its first numbers.
# job: parts taken so far, how many there are, rows, shared, the first row of every part and one past the last.
_PROGRAM = """
declare {real} @llvm.sqrt.{suffix}({real})
declare {real} @llvm.fabs.{suffix}({real})

define internal void @piece(i64 %n, ptr noalias %shared, {parameters}) noinline {{
start:
  {entry}
  br label %loop
loop:
  %i = phi i64 [ 0, %start ], [ %next, %loop ]
  {body}
  %next = add nuw nsw i64 %i, 1
  %more = icmp slt i64 %next, %n
  br i1 %more, label %loop, label %done
done:
  ret void
}}

define internal void @span(ptr %rows, ptr %shared, i64 %first, i64 %last) {{
start:
  br label %loop
loop:
  %row = phi i64 [ %first, %start ], [ %next, %loop ]
  %word = mul i64 %row, {width}
  %n.at = getelementptr i64, ptr %rows, i64 %word
  %n = load i64, ptr %n.at
  {loads}
  call void @piece(i64 %n, ptr %shared, {arguments})
  %next = add i64 %row, 1
  %more = icmp slt i64 %next, %last
  br i1 %more, label %loop, label %done
done:
  ret void
}}

; What every thread calls: take the next part until none is left.
define void @team(ptr %job) {{
start:
  %parts.at = getelementptr i64, ptr %job, i64 1
  %parts = load i64, ptr %parts.at
  %rows.at = getelementptr i64, ptr %job, i64 2
  %rows = load ptr, ptr %rows.at
  %shared.at = getelementptr i64, ptr %job, i64 3
  %shared = load ptr, ptr %shared.at
  %firsts.at = getelementptr i64, ptr %job, i64 4
  %firsts = load ptr, ptr %firsts.at
  br label %take
take:
  %part = atomicrmw add ptr %job, i64 1 monotonic
  %left = icmp slt i64 %part, %parts
  br i1 %left, label %work, label %done
work:
  %first.at = getelementptr i64, ptr %firsts, i64 %part
  %first = load i64, ptr %first.at
  %last.at = getelementptr i64, ptr %first.at, i64 1
  %last = load i64, ptr %last.at
  call void @span(ptr %rows, ptr %shared, i64 %first, i64 %last)
  br label %take
done:
  ret void
}}
"""
