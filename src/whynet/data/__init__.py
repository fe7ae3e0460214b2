"""Where pictures come from: the built-in writer, the well-known sets, and your own files.

`load` finds a set by its name or its path. The readers below it open one kind of file each:
whatever is wrong with a file ends in one sentence, and none holds more than the file can contain.

    dataset.py    the form that every source hands over
    sources.py    names and paths, and `load`
    idx.py, npz.py, csv.py, cifar.py, folders.py, pictures.py    a reader each
    files.py, arrays.py    what the readers share: bounded bytes, checked numbers
    download.py, places.py    fetching sets, and where they lie
    strokes/      the built-in writer
    augment.py    more pictures from those there are
    corruptions/  MNIST-C's fifteen ways to spoil pictures
    pages/        pages of digits as a camera sees them, composed from single ones
"""

from whynet.data.cifar import read_cifar10
from whynet.data.csv import read_csv, write_submission
from whynet.data.dataset import Dataset
from whynet.data.download import get
from whynet.data.folders import read_folder
from whynet.data.idx import read_idx, read_idx_set, write_idx
from whynet.data.npz import read_npz
from whynet.data.pictures import read_picture
from whynet.data.sources import NAMES, SOURCES, Source, load

__all__ = [
    "NAMES",
    "SOURCES",
    "Dataset",
    "Source",
    "get",
    "load",
    "read_cifar10",
    "read_csv",
    "read_folder",
    "read_idx",
    "read_idx_set",
    "read_npz",
    "read_picture",
    "write_idx",
    "write_submission",
]
