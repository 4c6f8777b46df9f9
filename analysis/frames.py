"""The type of tables."""

from typing import Any

# A pandas DataFrame. To a type checker it is Any: by pandas's own annotations a selection of rows may be a frame, a
# series or a scalar, which nobody who wrote the selection is in doubt about.
Frame = Any
