"""Fetching the well-known data sets, once, whole and checked.

A file grows under the name ``NAME.part`` and is moved into place only when its checksum holds, so
nobody ever finds half of one. A part that is left over is continued the next time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from whynet.data.files import StrPath, open_bytes, open_file, write_atomically
from whynet.data.places import cache_folder, data_folders
from whynet.errors import ConfigError, DataFormatError, DataNotFoundError

Progress = Callable[[str, int, int | None], None]
"""Called with a file's name, the bytes that are here, and how many it will be, if known."""

_BLOCK = 2**16
_ATTEMPTS = 4


@dataclass(frozen=True)
class _File:
    """A file on the mirrors, with its SHA-256.

    Mirrors pack the same content into different gzips; where the content's own checksum is known,
    it is the one to hold on to.
    """

    name: str
    sha256: str
    of_content: bool = False


@dataclass(frozen=True)
class _Remote:
    """Where a set is to be had, and what it consists of here.

    Attributes:
        mirrors: addresses to put before a file's name, the best one first.
        files: what to fetch.
        most: no file has more bytes than this.
        members: what to take out of the one file in ``files``, if that is a tar archive.
    """

    mirrors: tuple[str, ...]
    files: tuple[_File, ...]
    most: int
    members: tuple[str, ...] = ()

    def is_in(self, folder: Path) -> bool:
        """Whether all of the set is here already, packed or not."""
        names = self.members or tuple(file.name.removesuffix(".gz") for file in self.files)
        return all((folder / n).is_file() or (folder / f"{n}.gz").is_file() for n in names)


def _idx_set(sums: tuple[str, str, str, str], *, of_content: bool = False) -> tuple[_File, ...]:
    names = (
        "train-images-idx3-ubyte.gz",
        "train-labels-idx1-ubyte.gz",
        "t10k-images-idx3-ubyte.gz",
        "t10k-labels-idx1-ubyte.gz",
    )
    return tuple(_File(name, sha, of_content) for name, sha in zip(names, sums, strict=True))


_REMOTES = {
    "mnist": _Remote(
        mirrors=(
            "https://ossci-datasets.s3.amazonaws.com/mnist/",
            "https://storage.googleapis.com/cvdf-datasets/mnist/",
            "http://yann.lecun.com/exdb/mnist/",
        ),
        files=_idx_set(
            (
                "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
                "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
                "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
                "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
            ),
            of_content=True,
        ),
        most=16_000_000,
    ),
    "fashion-mnist": _Remote(
        mirrors=(
            "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
            "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
            "https://storage.googleapis.com/tensorflow/tf-keras-datasets/",
        ),
        files=_idx_set(
            (
                "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
                "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
                "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
                "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
            )
        ),
        most=32_000_000,
    ),
    "kmnist": _Remote(
        mirrors=(
            "https://codh.rois.ac.jp/kmnist/dataset/kmnist/",
            "http://codh.rois.ac.jp/kmnist/dataset/kmnist/",
            "https://storage.googleapis.com/s4tf-hosted-binaries/datasets/KMNIST/",
        ),
        files=_idx_set(
            (
                "51467d22d8cc72929e2a028a0428f2086b092bb31cfb79c69cc0a90ce135fde4",
                "e38f9ebcd0f3ebcdec7fc8eabdcdaef93bb0df8ea12bee65224341c8183d8e17",
                "edd7a857845ad6bb1d0ba43fe7e794d164fe2dce499a1694695a792adfac43c5",
                "20bb9a0ef54c7db3efc55a92eef5582c109615df22683c380526788f98e42a1c",
            )
        ),
        most=32_000_000,
    ),
    "cifar10": _Remote(
        mirrors=(
            "https://www.cs.toronto.edu/~kriz/",
            "https://cave.cs.toronto.edu/kriz/",
            "https://storage.googleapis.com/s4tf-hosted-binaries/datasets/CIFAR10/",
        ),
        files=(
            _File(
                "cifar-10-binary.tar.gz",
                "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
            ),
        ),
        most=180_000_000,
        members=(*(f"data_batch_{number}.bin" for number in range(1, 6)), "test_batch.bin"),
    ),
}

_IN_TAR = "cifar-10-batches-bin"


def get(
    name: str,
    folder: StrPath | None = None,
    progress: Progress | None = None,
    *,
    timeout: float = 30.0,
) -> Path:
    """Download a data set, unless it is here already.

    Args:
        name: mnist, fashion-mnist, kmnist or cifar10.
        folder: where to make the folder ``name``; the user's cache if None, and then the set is
            looked for in ``$WHYNET_DATA`` first.
        progress: called while bytes arrive.
        timeout: how many seconds a mirror may be silent.

    Returns:
        The folder that holds the set's files.

    Raises:
        ConfigError: no set of this name can be downloaded.
        DataNotFoundError: no mirror gave the files; says how to bring them by hand.
    """
    remote = _REMOTES.get(name)
    if remote is None:
        raise ConfigError(f"expected one of {', '.join(_REMOTES)} to download, got {name!r}")
    places = data_folders() if folder is None else (Path(folder),)
    for place in places:
        if remote.is_in(place / name):
            return place / name
    target = (cache_folder() if folder is None else Path(folder)) / name
    try:
        target.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DataNotFoundError(f"{target}: cannot be made ({error.strerror})") from error
    for file in remote.files:
        if not _holds(target / file.name, file):
            _fetch(name, file, remote, target, progress, timeout)
    if remote.members:
        archive = target / remote.files[0].name
        _unpack(archive, remote.members, target)
        archive.unlink()
    return target


def _fetch(
    name: str,
    file: _File,
    remote: _Remote,
    target: Path,
    progress: Progress | None,
    timeout: float,
) -> None:
    """Bring one file from the first mirror that has it whole."""
    from http.client import HTTPException

    part = target / f"{file.name}.part"
    problem = "no mirror is known"

    def report(done: int, total: int | None) -> None:
        if progress is not None:
            progress(file.name, done, total)

    for mirror in remote.mirrors:
        for _ in range(_ATTEMPTS):
            before = _size(part)
            try:
                _transfer(mirror + file.name, part, remote.most, timeout, report)
            except (OSError, HTTPException) as error:
                problem = f"{mirror}{file.name}: {getattr(error, 'reason', None) or error}"
                if _size(part) > before:
                    continue  # the line broke, but some of it came through: go on from there
                break
            if _holds(part, file):
                part.replace(target / file.name)
                return
            problem = f"{mirror}{file.name}: the checksum is wrong"
            part.unlink(missing_ok=True)
            if not before:
                break  # all of it came from this mirror; else an older beginning may be at fault
    names = ", ".join(file.name for file in remote.files)
    raise DataNotFoundError(
        f"{name}: could not be downloaded ({problem}); to bring it by hand, put {names} into "
        f"{target} and run this again, or set WHYNET_DATA to a folder that has them in {name}/"
    )


def _transfer(
    url: str, part: Path, most: int, timeout: float, report: Callable[[int, int | None], None]
) -> None:
    """Continue ``part`` from ``url``, or begin it anew if the server knows no ranges."""
    from urllib.error import HTTPError
    from urllib.request import Request, urlopen

    done = _size(part)
    request = Request(url, headers={"User-Agent": "whynet"})
    if done:
        request.add_header("Range", f"bytes={done}-")
    try:
        response = urlopen(request, timeout=timeout)
    except HTTPError as error:
        error.close()
        if error.code == 416 and done:
            return  # nothing is left to send: the part is whole, or the checksum will say not
        raise
    with response:
        continues = response.headers.get("Content-Range", "").startswith(f"bytes {done}-")
        if response.status == 206 and not continues:
            part.unlink(missing_ok=True)
            raise OSError("the server sent another range than it was asked for")
        if response.status != 206:
            done = 0
        length = response.headers.get("Content-Length", "")
        total = done + int(length) if length.isdecimal() else None
        with part.open("ab" if done else "wb") as file:
            report(done, total)
            # A server may claim little and send much, or claim nothing at all.
            while max(done, total or 0) <= most and (block := response.read(_BLOCK)):
                done += file.write(block)
                report(done, total)
    if max(done, total or 0) > most:
        part.unlink()
        raise OSError(f"expected at most {most:,} bytes, got more")
    if total is not None and done < total:
        raise OSError(f"the connection ended after {done:,} of {total:,} bytes")


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _holds(path: Path, file: _File) -> bool:
    """Whether ``path`` is there and has the checksum of ``file``."""
    import hashlib

    try:
        if file.of_content:
            with open_bytes(path) as stream:
                digest = hashlib.file_digest(stream.file, "sha256")
        else:
            with open_file(path) as raw:
                digest = hashlib.file_digest(raw, "sha256")
    except (DataNotFoundError, DataFormatError):  # missing, empty, or a damaged gzip
        return False
    return digest.hexdigest() == file.sha256


def _unpack(archive: Path, members: tuple[str, ...], target: Path) -> None:
    """Take the members that are expected out of a tar, and nothing else.

    Their content is copied to names that come from here; no path in the archive is followed.
    """
    import shutil
    import tarfile
    import zlib

    try:
        with tarfile.open(archive, "r:gz") as tar:
            for name in members:
                member = tar.getmember(f"{_IN_TAR}/{name}")
                content = tar.extractfile(member) if member.isreg() else None
                if content is None:
                    raise DataFormatError(f"{archive}: expected a file {_IN_TAR}/{name}")
                with content, write_atomically(target / name) as file:
                    shutil.copyfileobj(content, file)
    except (tarfile.TarError, KeyError, EOFError, zlib.error) as error:
        raise DataFormatError(f"{archive}: the archive is damaged or lacks a batch") from error
