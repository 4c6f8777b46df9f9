"""The sets that come with scikit-learn: nothing to download, so they are what everything works on by default."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from dwmgrad_ref.data.base import DataSet, Table


def _embedded(name: str, title: str, rows: int, loader: str, **arguments: Any) -> DataSet:
    def read(_: Mapping[str, bytes]) -> Table:
        from sklearn import datasets  # late: listing sets does not need it

        bunch = getattr(datasets, loader)(**arguments)
        return Table(np.array(bunch.data, float, order="C"), np.array(bunch.target, float))

    return DataSet(name, title, "scikit-learn", {"rows": rows}, read)


DIABETES = _embedded("diabetes", "disease progression of 442 patients", 442, "load_diabetes", scaled=False)
BREAST_CANCER = _embedded("breast-cancer", "569 tumours, benign or malignant", 569, "load_breast_cancer")
DIGITS = _embedded("digits", "1,797 handwritten digits of 8x8 pixels, 0..16", 1797, "load_digits")
