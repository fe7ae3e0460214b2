"""Whatever is wrong: one sentence on stderr, exit code 2, and nothing left behind."""

import io
import json
import os
import struct
import subprocess
import zipfile
import zlib
from pathlib import Path

import numpy as np
import pytest

from helpers.commands import command, environment, whynet
from whynet.cli.run import run


@pytest.fixture(scope="module")
def junk(tmp_path_factory: pytest.TempPathFactory, reader: Path, few: Path) -> Path:
    """A folder of files that are not what they claim."""
    folder = tmp_path_factory.mktemp("junk")
    (folder / "text.png").write_text("hello")
    (folder / "empty.safetensors").touch()
    (folder / "random.safetensors").write_bytes(np.random.default_rng(0).bytes(3000))
    (folder / "cut.safetensors").write_bytes(reader.read_bytes()[:20_000])
    (folder / "broken.toml").write_text("[net\n")
    (folder / "huge.toml").write_text(
        '[net]\nlayers = [{type="Flatten"}, {type="Dense", units=4000000000}]\n'
    )
    (folder / "reader.safetensors").write_bytes(reader.read_bytes())
    _zip_bomb(folder / "bomb.npz")
    _png_bomb(folder / "bomb.png")
    np.savez(folder / "small.npz", images=np.zeros((40, 8, 8), np.uint8), labels=np.arange(40) % 10)
    np.savez(folder / "labels.npz", images=np.zeros((4, 28, 28), np.uint8), labels=[1, 2, 3, 99])
    np.save(folder / "objects.npy", np.array([{}], dtype=object), allow_pickle=True)
    os.mkfifo(folder / "pipe")
    (folder / "few.npz").write_bytes(few.read_bytes())
    return folder


def _zip_bomb(path: Path) -> None:
    header = io.BytesIO()
    claim = {"descr": "|u1", "fortran_order": False, "shape": (10**8, 28, 28)}
    np.lib.format.write_array_header_1_0(header, claim)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("images.npy", header.getvalue() + bytes(10**7))


def _png_bomb(path: Path) -> None:
    def chunk(kind: bytes, content: bytes) -> bytes:
        checked = kind + content
        return struct.pack(">I", len(content)) + checked + struct.pack(">I", zlib.crc32(checked))

    head = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 0, 0, 0, 0)
    pixels = zlib.compress(bytes(10**6))
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    )


M = "reader.safetensors"
BAD = [
    ("predict", M, "nothing.png"),
    ("predict", M, "text.png"),
    ("predict", M, "bomb.png"),
    ("predict", M, "bomb.npz"),
    ("predict", M, "objects.npy"),
    ("predict", M, "."),
    ("predict", M, "a" * 400 + ".png"),
    ("predict", M),
    ("predict", M, "few.npz", "--submission", "no/where.csv"),
    ("predict", "nothing.safetensors", "text.png"),
    ("predict", "empty.safetensors", "text.png"),
    ("predict", "random.safetensors", "text.png"),
    ("predict", "cut.safetensors", "text.png"),
    ("evaluate", "random.safetensors"),
    ("evaluate", M, "--data", "small.npz"),
    ("evaluate", M, "--data", "labels.npz"),
    ("evaluate", M, "--data", "bomb.npz"),
    ("evaluate", M, "--data", "nowhere"),
    ("evaluate", M, "--split", "middle"),
    ("evaluate", M, "--examples", "0"),
    ("evaluate", M, "--confusion", "no/where.png"),
    ("evaluate", M, "--errors", "."),
    ("show", "nothing"),
    ("show", "empty.safetensors"),
    ("show", "broken.toml"),
    ("train", "--model", "nothing"),
    ("train", "--model", "nothing.toml"),
    ("train", "--model", "broken.toml"),
    ("train", "--model", "huge.toml", "--data", "few.npz"),
    ("train", "--data", "nowhere"),
    ("train", "--data", "labels.npz"),
    ("train", "--optimizer", "magic"),
    ("train", "--optimizer", "sgd,momentum"),
    ("train", "--optimizer", "sgd,momentum=much"),
    ("train", "--optimizer", "sgd,momentum=2"),
    ("train", "--schedule", "magic"),
    ("train", "--cost", "magic"),
    ("train", "--epochs", "-1"),
    ("train", "--epochs", "many"),
    ("train", "--lr", "nan"),
    ("train", "--lr", "-1"),
    ("train", "--batch-size", "0"),
    ("train", "--batch-size", "some"),
    ("train", "--seed", "-1"),
    ("train", "--threads", "0"),
    ("train", "--examples", "0"),
    ("train", "--examples", "1"),
    ("train", "--examples", "999999999999999999"),
    ("train", "--early-stopping", "0"),
    ("train", "--out", "no/where.safetensors"),
    ("train", "--out", "."),
    ("train", "--out", "pipe"),
    ("train", "--log", "no/where.csv"),
    ("train", "--resume"),
    ("train", "--resume", "--out", M),
    ("train", "--magic"),
    ("magic",),
    ("data", "get", "magic"),
    ("data", "show", "nowhere"),
    ("data", "show", "strokes", "--out", "no/where.png"),
]


@pytest.mark.parametrize("arguments", BAD, ids=" ".join)
def test_one_sentence_and_exit_code_2(
    arguments: tuple[str, ...],
    junk: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(junk)
    before = sorted(junk.iterdir())
    code = run(arguments)
    told = capsys.readouterr()
    assert code == 2
    assert told.out == ""
    assert told.err.startswith("whynet: ")
    assert told.err.count("\n") == 1
    assert len(told.err) < 700
    assert sorted(junk.iterdir()) == before


@pytest.mark.parametrize(
    "arguments",
    [("predict", M, "text.png"), ("train", "--epochs", "-1"), ("train", "--magic"), ("magic",)],
    ids=" ".join,
)
def test_the_same_from_outside(arguments: tuple[str, ...], junk: Path) -> None:
    ran = whynet(*arguments, folder=junk)
    assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert "Traceback" not in ran.err


def test_a_reader_that_goes_away(reader: Path) -> None:
    with subprocess.Popen(
        command("show", reader), stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment()
    ) as showing:
        assert showing.stdout is not None
        assert showing.stderr is not None
        showing.stdout.close()  # at once, as `| true` does
        assert showing.stderr.read() == b""
    assert showing.returncode == 1


def test_names_cannot_command_the_terminal(
    junk: Path, reader: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from helpers.drawn import draw_digit
    from whynet.sequential import Sequential

    monkeypatch.chdir(junk)
    assert run(["predict", M, "\x1b[2J\x9b1m.png"]) == 2
    assert r"\x1b[2J\x9b1m.png" in capsys.readouterr().err
    net = Sequential.load(reader)
    net.card.model = "\x1b]0;title\x07"
    net.card.data = "\x1b[31m\udcff"
    net.card.classes = tuple(f"{digit}\x1b[1m" for digit in range(10))
    net.save("loud.safetensors")
    draw_digit(3).save("\x1b[7mthree.png")
    for arguments in (
        ["show", "loud.safetensors"],
        ["evaluate", "loud.safetensors", "--data", "few.npz"],
        ["predict", "loud.safetensors", "\x1b[7mthree.png"],
    ):
        assert run(arguments) == 0
        told = capsys.readouterr()
        assert r"\x1b[" in told.out
        assert not set("\x1b\x07\x9b\udcff") & set(told.out + told.err)
    assert run(["show", "loud.safetensors", "--json"]) == 0
    told = capsys.readouterr()
    assert "\udcff" not in told.out
    assert json.loads(told.out)["data"] == "\x1b[31m\udcff"
