"""Training: data, scaling, mini-batch gradient descent with an emitted module, and what it says.

>>> import numpy as np
>>> from derive.training import train
>>> x = np.linspace(0, 1, 20)
>>> train("x -> dense(1) ; mse", x, 3 * x + 1, epochs=20).decreased
True
"""

from derive.training.data import Samples, load_samples, samples
from derive.training.descent import Plan, Training, descend, plan, train
from derive.training.report import report
from derive.training.store import save

__all__ = [
    "Plan",
    "Samples",
    "Training",
    "descend",
    "load_samples",
    "plan",
    "report",
    "samples",
    "save",
    "train",
]
