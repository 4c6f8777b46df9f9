"""A traced formula as machine code: one loop that reads and writes every number once.

LLVM comes with numba, which this package needs anyway, so no compiler has to be installed. The text below is LLVM's
own language. Its optimizer turns the loop into vector instructions of this processor; the object code is kept on disk
under the hash of all that determines it.
"""

import ctypes
import hashlib
import os
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import llvmlite
import llvmlite.binding as llvm
import platformdirs

from dwmgrad_ref.files import write_atomic
from dwmgrad_ref.torch.tracing import INPUT, Formula

# storage of a tensor's numbers -> (type in memory, type of the arithmetic)
TYPES = {"float32": ("float", "float"), "float64": ("double", "double"), "bfloat16": ("i16", "float")}

# `contract` lets a*b + c round once; nothing else is relaxed, so infinities and NaN behave as in the loop.
_BINARY = {"+": "fadd contract", "-": "fsub contract", "*": "fmul contract", "/": "fdiv"}

# rows: one line of 64-bit words per piece of a tensor, its length and the addresses of its first numbers.
_DRIVER = """
define internal void @span(ptr %rows, ptr %shared, i64 %first, i64 %last) {{
entry:
  %any = icmp slt i64 %first, %last
  br i1 %any, label %loop, label %done
loop:
  %row = phi i64 [ %first, %entry ], [ %next, %loop ]
  %at = mul i64 %row, {width}
  %n.at = getelementptr i64, ptr %rows, i64 %at
  %n = load i64, ptr %n.at
{loads}
  call void @piece(i64 %n, ptr %shared, {arguments})
  %next = add i64 %row, 1
  %more = icmp slt i64 %next, %last
  br i1 %more, label %loop, label %done
done:
  ret void
}}

; What every thread of a team calls: take the next part until none is left.
; job: parts taken, number of parts, rows, shared, first row of every part and one past the last
define void @team(ptr %job) {{
entry:
  %parts.at = getelementptr i64, ptr %job, i64 1
  %parts = load i64, ptr %parts.at
  %rows.at = getelementptr ptr, ptr %job, i64 2
  %rows = load ptr, ptr %rows.at
  %shared.at = getelementptr ptr, ptr %job, i64 3
  %shared = load ptr, ptr %shared.at
  %firsts.at = getelementptr ptr, ptr %job, i64 4
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


def source(formula: Formula, kinds: dict[str, str]) -> str:
    """LLVM text of the formula; kinds: a key of TYPES for x, g and every field of Coord, in the order of a row."""
    real = "double" if "float64" in kinds.values() else "float"
    head, body = _uniform(formula, real), []
    for i, node in enumerate(formula.nodes):
        if not formula.uniform[i]:
            body += _load(i, node[1], kinds[node[1]], real) if node[0] == INPUT else [_operation(i, node, formula, real)]
    for name, i in formula.outputs.items():
        body += _store(name, i, kinds[name], real)
    parameters = ", ".join(f"ptr noalias %{name}" for name in kinds)
    loads = "\n".join(
        f"  %{name}.at = getelementptr i64, ptr %n.at, i64 {j}\n  %{name} = load ptr, ptr %{name}.at"
        for j, name in enumerate(kinds, 1)
    )
    arguments = ", ".join(f"ptr %{name}" for name in kinds)
    suffix = "f64" if real == "double" else "f32"
    return "\n".join([
        f"declare {real} @llvm.sqrt.{suffix}({real})",
        f"declare {real} @llvm.fabs.{suffix}({real})",
        f"define internal void @piece(i64 %n, ptr noalias %shared, {parameters}) noinline {{",
        "entry:", *head,
        "  %any = icmp sgt i64 %n, 0",
        "  br i1 %any, label %loop, label %done",
        "loop:",
        "  %i = phi i64 [ 0, %entry ], [ %next, %loop ]", *body,
        "  %next = add nuw nsw i64 %i, 1",
        "  %more = icmp slt i64 %next, %n",
        "  br i1 %more, label %loop, label %done",
        "done:",
        "  ret void",
        "}",
        _DRIVER.format(width=len(kinds) + 1, loads=loads, arguments=arguments),
    ])  # fmt: skip


def _uniform(formula: Formula, real: str) -> list[str]:
    """The numbers that all coordinates share, from the array of doubles, before the loop."""
    lines = []
    for j, i in enumerate(formula.needed):
        lines.append(f"  %d{i}.at = getelementptr double, ptr %shared, i64 {j}")
        lines.append(f"  %d{i} = load double, ptr %d{i}.at")
        if formula.nodes[i][0] == ">":
            lines.append(f"  %n{i} = fcmp une double %d{i}, 0.0")
        elif real == "float":
            lines.append(f"  %n{i} = fptrunc double %d{i} to float")
        else:
            lines.append(f"  %n{i} = fadd double %d{i}, -0.0")
    return lines


def _load(i: int, name: str, kind: str, real: str) -> list[str]:
    stored, _ = TYPES[kind]
    at = f"  %{name}.i = getelementptr {stored}, ptr %{name}, i64 %i"
    if kind != "bfloat16":
        return [at, f"  %n{i} = load {stored}, ptr %{name}.i"]
    return [
        at,
        f"  %{name}.half = load i16, ptr %{name}.i",
        f"  %{name}.wide = zext i16 %{name}.half to i32",
        f"  %{name}.bits = shl i32 %{name}.wide, 16",
        f"  %n{i} = bitcast i32 %{name}.bits to float",
    ]


def _store(name: str, i: int, kind: str, real: str) -> list[str]:
    stored, _ = TYPES[kind]
    at = f"  %{name}.o = getelementptr {stored}, ptr %{name}, i64 %i"
    if kind != "bfloat16":
        return [at, f"  store {stored} %n{i}, ptr %{name}.o"]
    v = f"%{name}"  # round to nearest, ties to even; a NaN stays one
    return [
        at,
        f"  {v}.raw = bitcast float %n{i} to i32",
        f"  {v}.top = lshr i32 {v}.raw, 16",
        f"  {v}.odd = and i32 {v}.top, 1",
        f"  {v}.up = add i32 {v}.odd, 32767",
        f"  {v}.sum = add i32 {v}.raw, {v}.up",
        f"  {v}.near = lshr i32 {v}.sum, 16",
        f"  {v}.nan = fcmp uno float %n{i}, %n{i}",
        f"  {v}.out = select i1 {v}.nan, i32 32704, i32 {v}.near",
        f"  {v}.short = trunc i32 {v}.out to i16",
        f"  store i16 {v}.short, ptr {v}.o",
    ]


def _operation(i: int, node: Any, formula: Formula, real: str) -> str:
    operation, *arguments = node
    a, *rest = (f"%n{j}" for j in arguments)
    suffix = "f64" if real == "double" else "f32"
    if operation in _BINARY:
        return f"  %n{i} = {_BINARY[operation]} {real} {a}, {rest[0]}"
    if operation == "neg":
        return f"  %n{i} = fneg {real} {a}"
    if operation == ">":
        return f"  %n{i} = fcmp ogt {real} {a}, {rest[0]}"
    if operation == "select":
        return f"  %n{i} = select i1 {a}, {real} {rest[0]}, {real} {rest[1]}"
    function = {"sqrt": "sqrt", "abs": "fabs"}[operation]
    return f"  %n{i} = call {real} @llvm.{function}.{suffix}({real} {a})"


class Kernel:
    """Compiled code of one formula for one set of dtypes, alive as long as this object.

    team(job): does the parts of a job that nobody has taken yet; `address` is the same as a number.
    """

    def __init__(self, text: str):
        target, key = _target()
        self._engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), target)
        self._engine.add_object_file(llvm.ObjectFileRef.from_data(_object_code(text, target, key)))
        self._engine.finalize_object()
        self.address = self._engine.get_function_address("team")
        self.team = ctypes.CFUNCTYPE(None, ctypes.c_int64)(self.address)


@cache
def _target() -> tuple[Any, str]:
    """LLVM set to this processor, and what that depends on."""
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    cpu, features = llvm.get_host_cpu_name(), llvm.get_host_cpu_features().flatten()
    target = llvm.Target.from_default_triple().create_target_machine(cpu=cpu, features=features, opt=3, jit=True)
    return target, "\0".join([target.triple, cpu, features, llvmlite.__version__, str(llvm.llvm_version_info)])


def assembly(text: str) -> str:
    """What the text becomes on this processor, to be read."""
    target, _ = _target()
    return target.emit_assembly(_optimized(text, target))


def _optimized(text: str, target: Any) -> Any:
    module = llvm.parse_assembly(text)
    options = llvm.create_pipeline_tuning_options(speed_level=3)
    options.loop_vectorization = True
    builder = llvm.create_pass_builder(target, options)
    builder.getModulePassManager().run(module, builder)
    return module


def _object_code(text: str, target: Any, key: str) -> bytes:
    """Machine code of the text, from disk if it was compiled before; a folder that cannot be written costs time only."""
    path = folder() / f"{hashlib.sha256((key + text).encode()).hexdigest()[:32]}.o"
    try:
        return path.read_bytes()
    except OSError:
        code = target.emit_object(_optimized(text, target))
    with suppress(OSError):
        write_atomic(path, lambda file: file.write(code))
    return code


def folder() -> Path:
    """Where compiled kernels are kept: a few kilobytes each."""
    return Path(os.environ.get("DWMGRAD_CACHE") or platformdirs.user_cache_dir("dwmgrad")) / "kernels"
