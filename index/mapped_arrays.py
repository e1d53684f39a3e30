"""Named arrays of a version on the disk, read where a question needs them: what is not asked for takes no memory.

One file an array, in a folder of their own or beside others. Knows nothing of what they hold.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray


def save(folder: Path, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Write each array as `NAME.npy`; the folder is made when absent."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, values in arrays.items():
        np.save(folder / f"{name}.npy", values, allow_pickle=False)


def load(folder: Path, name: str) -> NDArray[Any]:
    """An array that `save` wrote, mapped; it cannot be written to.

    Raises:
        OSError: the file is missing.
        ValueError: it is damaged.
    """
    path = folder / f"{name}.npy"
    try:
        with path.open("rb") as file:
            np.lib.format.read_magic(file)
            shape, _, _ = np.lib.format.read_array_header_1_0(file)
        # What is empty cannot be mapped.
        return np.asarray(np.load(path, mmap_mode="r" if np.prod(shape) else None, allow_pickle=False))
    except OSError:
        raise
    # Everything: on damaged files numpy raises a dozen types, tokenize.TokenError and zipfile.BadZipFile among them.
    except Exception as error:
        raise ValueError(f"{path.name} is damaged") from error
