"""LLVM's text as machine code for this processor.

LLVM comes with numba, which this package needs anyway, so no compiler has to be installed; nor does this import numba.
The code is kept on disk under the hash of all that determines it: the text, the processor and the versions.
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


class Code:
    """Compiled code of a text that defines `team(job)`; usable as long as this object lives.

    address: where `team` is; a call lets go of the interpreter lock.
    """

    def __init__(self, text: str):
        self._engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), _target())  # owns its target from here on
        self._engine.add_object_file(llvm.ObjectFileRef.from_data(_object_code(text)))
        self._engine.finalize_object()
        self.address = self._engine.get_function_address("team")
        self._team = ctypes.CFUNCTYPE(None, ctypes.c_int64)(self.address)

    def team(self, job: int) -> None:
        self._team(job)


@cache
def why_not() -> str | None:
    """None if code can be compiled and run here, else the reason."""
    try:
        Code("define void @team(ptr %job) {\n  ret void\n}\n").team(0)
    except Exception as error:  # whatever LLVM says on a system that it does not know
        return f"LLVM cannot compile for this machine: {error}"
    return None


def assembly(text: str) -> str:
    """The text as this processor's instructions, to be read."""
    return _target().emit_assembly(_optimized(text))


@cache
def halves() -> bool:
    """Whether the processor itself converts float16; LLVM would call a library function that is not there."""
    return llvm.get_process_triple().startswith("aarch64") or bool(llvm.get_host_cpu_features().get("f16c"))


def folder() -> Path:
    """Where compiled code is kept, a few kilobytes a formula; DWMGRAD_CACHE says where that is."""
    return Path(os.environ.get("DWMGRAD_CACHE") or platformdirs.user_cache_dir("dwmgrad")) / "kernels"


@cache
def _processor() -> tuple[str, str]:
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    return llvm.get_host_cpu_name(), llvm.get_host_cpu_features().flatten()


def _target() -> Any:
    cpu, features = _processor()
    return llvm.Target.from_default_triple().create_target_machine(cpu=cpu, features=features, opt=3, jit=True)


def _optimized(text: str) -> Any:
    module = llvm.parse_assembly(text)
    options = llvm.create_pipeline_tuning_options(speed_level=3)
    options.loop_vectorization = True
    builder = llvm.create_pass_builder(_target(), options)
    builder.getModulePassManager().run(module, builder)
    return module


def _object_code(text: str) -> bytes:
    """Machine code, from disk if it was compiled before. A damaged file or a read-only folder costs only time."""
    determines = (text, *_processor(), llvm.get_process_triple(), llvmlite.__version__, str(llvm.llvm_version_info))
    path = folder() / f"{hashlib.sha256('|'.join(determines).encode()).hexdigest()[:32]}.o"
    with suppress(OSError):
        code, digest = (content := path.read_bytes())[:-32], content[-32:]
        if hashlib.sha256(code).digest() == digest:
            return code
    code = _target().emit_object(_optimized(text))
    with suppress(OSError):
        write_atomic(path, lambda file: file.write(code + hashlib.sha256(code).digest()))
    return code
