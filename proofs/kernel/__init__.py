"""Theorems about the formulas that run, checked by Coq's kernel.

terms.py      a number that writes itself as a Coq term
generate.py   the rules' own functions, run on such numbers, as Coq definitions
build.py      compiling, the assumptions of every theorem, the committed record
theorems.py   which theorem stands beside which claim of the ledger
coq/          Generated.v and Rounded.v, the model of a run, the statements, the proofs
"""
