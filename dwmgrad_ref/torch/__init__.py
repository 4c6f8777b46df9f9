"""The reference rules as optimizers of PyTorch: change one line of a training script.

>>> import torch
>>> from dwmgrad_ref.torch import DWMGrad
>>> w = torch.nn.Parameter(torch.ones(3))
>>> optimizer = DWMGrad([w], lr=0.1)
>>> loss = (w**2).sum()
>>> loss.backward()
>>> _ = optimizer.step(loss=loss)
"""

from dwmgrad_ref.torch.optimizers import LCAM, AdaMomentum, DWMGrad, torch_optimizer
from dwmgrad_ref.torch.rule_optimizer import RuleOptimizer
from dwmgrad_ref.torch.watch import watch

__all__ = ["LCAM", "AdaMomentum", "DWMGrad", "RuleOptimizer", "torch_optimizer", "watch"]
