"""Names of the types that several modules hand each other: arrays by what they hold, spans.

Knows nothing of what fills them.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]  # weights and states of models, of any shape
Vectors = NDArray[np.float32]  # (n, dimension), or (dimension,) for one; unit length
Scores = NDArray[np.float32]  # (n_questions, k)
Values = NDArray[np.float64]  # (n,) or (n, n_features): what the ranking weighs
Rows = NDArray[np.int64]  # (n,): places in the list of passages of a version
Ids = NDArray[np.int32]  # (n_tokens,): which token of the vocabulary each is
Span = tuple[int, int]  # offsets in a text: start, end
