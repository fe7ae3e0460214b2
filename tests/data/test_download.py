"""Downloads, against a real server on this machine."""

import gzip
import hashlib
import http.server
import io
import tarfile
import threading

import numpy as np
import pytest

from whynet.data import download, get, load, places, read_idx
from whynet.data.download import _File, _Remote
from whynet.errors import ConfigError, DataFormatError, DataNotFoundError

CONTENT = np.random.default_rng(0).integers(0, 256, 300_000, np.uint8).tobytes()


class _Handler(http.server.BaseHTTPRequestHandler):
    """Serves ``server.files``; the first folder of the path says how badly."""

    def do_GET(self):
        manner, name = self.path.strip("/").split("/")
        asked = self.headers.get("Range")
        self.server.log.append((manner, asked))
        content = self.server.files.get(name)
        if manner == "gone" or content is None:
            self.send_error(404)
            return
        start = 0
        if asked and manner not in ("deaf", "sick"):
            start = int(asked.removeprefix("bytes=").removesuffix("-"))
            if start >= len(content):
                self.send_error(416)
                return
        if manner == "sick":
            content = content[::-1]
        self.send_response(206 if start else 200)
        if start:
            shown = 7 if manner == "confused" else start
            self.send_header("Content-Range", f"bytes {shown}-{len(content) - 1}/{len(content)}")
        if manner != "silent":
            self.send_header("Content-Length", str(len(content) - start))
        self.end_headers()
        body = content[start:]
        self.wfile.write(body[: len(body) // 2] if manner == "breaking" else body)

    def log_message(self, *_):
        pass


@pytest.fixture
def server():
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as server:
        server.files, server.log = {"file.gz": CONTENT}, []
        server.url = f"http://127.0.0.1:{server.server_address[1]}/"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def offer(server, tmp_path, monkeypatch):
    """Make a set called ``toy`` with the given mirrors; returns where it goes."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("WHYNET_DATA", raising=False)
    for proxy in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(proxy, raising=False)

    def offer(*manners, files=None, **options):
        mirrors = tuple(f"{server.url}{manner}/" for manner in manners)
        files = files or (_File("file.gz", hashlib.sha256(CONTENT).hexdigest()),)
        remote = _Remote(**{"mirrors": mirrors, "files": files, "most": 400_000, **options})
        monkeypatch.setitem(download._REMOTES, "toy", remote)
        return tmp_path / "cache" / "whynet" / "toy"

    return offer


def left(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_file_arrives_whole_with_progress(offer):
    folder, seen = offer("good"), []
    assert get("toy", progress=lambda *step: seen.append(step)) == folder
    assert (folder / "file.gz").read_bytes() == CONTENT
    assert left(folder) == ["file.gz"]
    assert seen[0] == ("file.gz", 0, 300_000)
    assert seen[-1] == ("file.gz", 300_000, 300_000)
    assert [done for _, done, _ in seen] == sorted(done for _, done, _ in seen)


def test_what_is_here_is_not_fetched_again(offer, server, tmp_path, monkeypatch):
    folder = offer("good")
    get("toy")
    assert get("toy") == folder
    assert len(server.log) == 1
    (tmp_path / "mine" / "toy").mkdir(parents=True)
    (tmp_path / "mine" / "toy" / "file").write_bytes(b"unpacked by hand")
    monkeypatch.setenv("WHYNET_DATA", str(tmp_path / "mine"))
    assert get("toy") == tmp_path / "mine" / "toy"
    assert get("toy", folder=tmp_path / "here") == tmp_path / "here" / "toy"
    assert len(server.log) == 2


def test_a_length_that_is_not_told_is_no_problem(offer):
    folder, seen = offer("silent"), []
    get("toy", progress=lambda *step: seen.append(step))
    assert (folder / "file.gz").read_bytes() == CONTENT
    assert seen[-1] == ("file.gz", 300_000, None)


def test_a_part_is_continued(offer, server):
    folder = offer("good")
    folder.mkdir(parents=True)
    (folder / "file.gz.part").write_bytes(CONTENT[:100_000])
    seen = []
    get("toy", progress=lambda *step: seen.append(step))
    assert server.log == [("good", "bytes=100000-")]
    assert seen[0] == ("file.gz", 100_000, 300_000)
    assert (folder / "file.gz").read_bytes() == CONTENT
    assert left(folder) == ["file.gz"]


def test_a_server_without_ranges_starts_anew(offer, server):
    folder = offer("deaf")
    folder.mkdir(parents=True)
    (folder / "file.gz.part").write_bytes(b"x" * 100_000)
    get("toy")
    assert server.log == [("deaf", "bytes=100000-")]
    assert (folder / "file.gz").read_bytes() == CONTENT


def test_another_range_than_asked_for_is_not_pasted_in(offer):
    folder = offer("confused", "good")
    folder.mkdir(parents=True)
    (folder / "file.gz.part").write_bytes(CONTENT[:100_000])
    get("toy")
    assert (folder / "file.gz").read_bytes() == CONTENT


def test_a_part_that_is_whole_already_is_used(offer, server):
    folder = offer("good")
    folder.mkdir(parents=True)
    (folder / "file.gz.part").write_bytes(CONTENT)
    get("toy")
    assert server.log == [("good", "bytes=300000-")]
    assert left(folder) == ["file.gz"]


@pytest.mark.parametrize("length", [100_000, 300_000, 350_000])
def test_a_wrong_part_is_thrown_away_and_fetched_anew(offer, server, length):
    folder = offer("good")
    folder.mkdir(parents=True)
    (folder / "file.gz.part").write_bytes(b"x" * length)
    get("toy")
    assert server.log == [("good", f"bytes={length}-"), ("good", None)]
    assert (folder / "file.gz").read_bytes() == CONTENT


def test_a_broken_line_is_taken_up_again(offer, server):
    folder = offer("breaking", "good")
    get("toy")
    assert [asked for manner, asked in server.log if manner == "good"] != [None]
    assert (folder / "file.gz").read_bytes() == CONTENT


def test_a_line_that_always_breaks_leaves_only_a_part(offer):
    folder = offer("breaking")
    with pytest.raises(DataNotFoundError, match="connection ended after"):
        get("toy")
    assert left(folder) == ["file.gz.part"]


def test_a_wrong_checksum_goes_on_to_the_next_mirror(offer, server):
    folder = offer("sick", "gone", "good")
    get("toy")
    assert [manner for manner, _ in server.log] == ["sick", "gone", "good"]
    assert (folder / "file.gz").read_bytes() == CONTENT


def test_a_wrong_checksum_everywhere_leaves_nothing(offer):
    folder = offer("sick")
    with pytest.raises(DataNotFoundError, match="the checksum is wrong"):
        get("toy")
    assert left(folder) == []


def test_a_file_that_is_too_long_is_cut_off(offer):
    for manner in ("good", "silent"):
        folder = offer(manner, most=200_000)
        with pytest.raises(DataNotFoundError, match="at most 200,000 bytes"):
            get("toy")
        assert left(folder) == []


def test_offline_says_in_a_sentence_what_to_do(offer, server, tmp_path):
    folder = offer(mirrors=("http://127.0.0.1:9/",))
    with pytest.raises(DataNotFoundError, match="could not be downloaded") as caught:
        get("toy", timeout=2)
    message = str(caught.value)
    assert f"put file.gz into {folder}" in message
    assert "set WHYNET_DATA to a folder that has them in toy/" in message
    assert "\n" not in message


def test_only_some_names_can_be_downloaded():
    with pytest.raises(ConfigError, match="mnist, fashion-mnist, kmnist, cifar10"):
        get("strokes")


def test_a_folder_that_cannot_be_made(offer, tmp_path):
    offer("good")
    (tmp_path / "file").touch()
    with pytest.raises(DataNotFoundError, match="cannot be made"):
        get("toy", folder=tmp_path / "file")


def test_any_packing_of_the_right_content_will_do(offer, server):
    content = bytes([0, 0, 8, 1, 0, 0, 0, 3, 7, 8, 9])
    file = _File("x.gz", hashlib.sha256(content).hexdigest(), of_content=True)
    for level in (1, 9):
        server.files["x.gz"] = gzip.compress(content, level, mtime=level)
        folder = offer("good", files=(file,))
        get("toy")
        assert read_idx(folder / "x.gz").tolist() == [7, 8, 9]
        (folder / "x.gz").unlink()
    server.files["x.gz"] = gzip.compress(content)[:-3]
    with pytest.raises(DataNotFoundError, match="the checksum is wrong"):
        get("toy")


def _tar(entries):
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz") as tar:
        for name, content in entries:
            info = tarfile.TarInfo(name)
            if content is None:
                info.type, info.linkname = tarfile.SYMTYPE, "/etc/passwd"
                tar.addfile(info)
            else:
                info.size = len(content)
                tar.addfile(info, io.BytesIO(content))
    return file.getvalue()


def _archive(server, offer, entries):
    server.files["a.tar.gz"] = content = _tar(entries)
    file = _File("a.tar.gz", hashlib.sha256(content).hexdigest())
    return offer("good", files=(file,), members=("test_batch.bin",))


def test_only_the_expected_members_leave_an_archive(offer, server, tmp_path):
    record = bytes([4]) + bytes(3072)
    entries = [
        ("../../evil", b"!"),
        ("cifar-10-batches-bin/test_batch.bin", record),
        ("cifar-10-batches-bin/more", b"!"),
    ]
    folder = _archive(server, offer, entries)
    assert get("toy") == folder
    assert left(folder) == ["test_batch.bin"]
    assert not list(tmp_path.rglob("evil"))
    assert load(folder, split="test").known_labels.tolist() == [4]


@pytest.mark.parametrize(
    "entries", [[("else", b"")], [("cifar-10-batches-bin/test_batch.bin", None)]]
)
def test_an_archive_without_its_members_is_refused(offer, server, entries):
    _archive(server, offer, entries)
    with pytest.raises(DataFormatError, match=r"lacks a batch|expected a file"):
        get("toy")


def test_every_known_set_has_mirrors_and_checksums():
    for remote in download._REMOTES.values():
        assert len(remote.mirrors) > 1
        assert all(mirror.startswith("http") and mirror.endswith("/") for mirror in remote.mirrors)
        assert all(len(bytes.fromhex(file.sha256)) == 32 for file in remote.files)


def test_the_checksums_of_mnist_hold(data_dir):
    for file in download._REMOTES["mnist"].files:
        assert download._holds(data_dir / "mnist" / file.name, file)
    assert places.data_folders()[0] == data_dir
    assert get("mnist") == data_dir / "mnist"
