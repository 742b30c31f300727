"""Trained parameters as one NumPy archive: plain numbers and text, whole or not at all."""

from __future__ import annotations

import contextlib
import os
import secrets
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from derive.errors import DataError
from derive.networks import line_form
from derive.training.descent import Training


def arrays(training: Training) -> dict[str, NDArray[np.generic]]:
    """What is stored: the parameters by name, the scaling, and the network's line and layout."""
    scaling = training.scaling
    return {
        **{name: np.asarray(value) for name, value in training.parameters.items()},
        "x_shift": scaling.x_shift,
        "x_scale": scaling.x_scale,
        "y_shift": scaling.y_shift,
        "y_scale": np.array(scaling.y_scale),
        "network": np.array(line_form(training.network)),
        "layout": np.array(training.network.style.layout),
    }


def save(training: Training, path: str | Path) -> None:
    """Write :func:`arrays` as an NPZ file; a temporary file takes the name when it is complete.

    Raises:
        DataError: the file cannot be written; an old one is then unchanged.
    """
    path = Path(path)
    check_output(path)
    final = path.resolve()  # through links, as for every other output
    temporary = final.parent / f".derive-{secrets.token_hex(6)}.tmp"
    try:
        with temporary.open("xb") as file:
            np.savez(file, **arrays(training))  # type: ignore[arg-type]
        os.replace(temporary, final)
    except OSError as error:
        raise DataError(f"cannot be written: {error.strerror or error}", path=str(path)) from None
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink()


def check_output(path: Path) -> None:
    """Raise DataError, before minutes of training, for a place where no file can be."""
    if path.exists() and not path.is_file():
        raise DataError("this is not a file; name a file to write", path=str(path))
    if not path.parent.is_dir():
        message = f"the folder {str(path.parent)!r} does not exist; create it first"
        raise DataError(message, path=str(path))
