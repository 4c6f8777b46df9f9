"""Whether an implementation is the method of its paper: it and our rule get the same gradients and are compared.

gradients.py         the gradient sequences that both sides get
sources.py           `torch:module.Class` and `optax:name` as things that can be played
ours.py              our rule, played on the same gradients
translation.py       our options under the implementation's names
agreement.py         the first step at which two plays differ, and by how much
edits.py             small changes of a rule's formula, made in its syntax tree
explanation.py       the options and small changes of ours that reproduce an implementation
study.py             one implementation against one rule, all of the above
"""
