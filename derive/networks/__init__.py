"""Networks: what they are made of, where they come from, and their program.

>>> from derive.networks import network
>>> network("x[3] -> dense(4, tanh) -> dense(2) ; mse").loss
'mse'
"""

from derive.networks.line_form import line_form
from derive.networks.load import network, presets
from derive.networks.model import Layer, Network

__all__ = ["Layer", "Network", "line_form", "network", "presets"]
