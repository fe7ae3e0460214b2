"""A net that has learnt something, donors for it and pictures that it has not seen; made once."""

from functools import cache

import whynet
from whynet import Sequential
from whynet.data import Dataset
from whynet.errors import DataNotFoundError
from whynet.explain.donors import Donors


@cache
def made() -> tuple[Sequential, Donors, Dataset]:
    """LeNet after two short epochs, at most 60 donors of each digit, and 100 pictures."""
    name = "mnist"
    try:
        learnt = whynet.load(name, examples=5000)
    except DataNotFoundError:
        learnt = whynet.load(name := "strokes", examples=5000)
    net = whynet.load_preset("lenet").build()
    net.fit(learnt.images, learnt.known_labels, epochs=2, lr=0.003, callbacks=[])
    donors = Donors.from_data(net, learnt.images, learnt.known_labels, each=60, source=learnt.name)
    return net, donors, whynet.load(name, split="test", examples=100)
