"""What classifiers are measured by, from logits."""

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy


def confusion(predicted: Tensor, true: Tensor, classes: int) -> Tensor:
    """Counts (classes, classes): row the true class, column the predicted one."""
    return torch.bincount(true * classes + predicted, minlength=classes * classes).reshape(classes, classes)


def macro_f1(counts: Tensor) -> float:
    """Mean over classes of 2 TP / (2 TP + FP + FN); a class that neither occurs nor is predicted counts 0."""
    both = counts.sum(0) + counts.sum(1)
    return float((2 * counts.diagonal() / both.clamp(min=1)).double().mean())


def classification(logits: Tensor, true: Tensor) -> dict[str, float]:
    """Mean cross-entropy, accuracy (a fraction) and macro-averaged F1 of logits (n, classes) for classes (n,)."""
    counts = confusion(logits.argmax(1), true, logits.shape[1])
    return {
        "loss": float(cross_entropy(logits, true)),
        "accuracy": int(counts.diagonal().sum()) / len(true),
        "f1": macro_f1(counts),
    }
