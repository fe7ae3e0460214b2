"""Making things from plain words, and the one sentence for every way to get it wrong."""

import math
from dataclasses import dataclass, field

import numpy as np
import pytest

from whynet.errors import ConfigError
from whynet.options import build, make, number, read, whole


@dataclass
class Pen:
    colour: str
    width: float = 1.0
    worn: bool = field(init=False, default=False)

    def __post_init__(self) -> None:
        if self.width <= 0:
            raise ConfigError(f"expected a width above 0, got {self.width}")


@dataclass
class Rubber:
    pass


KNOWN: dict[str, type] = {"pen": Pen, "rubber": Rubber}


def test_made_as_described() -> None:
    assert make("a tool", KNOWN, "pen", {"colour": "blue", "width": 2.0}) == Pen("blue", 2.0)
    assert make("a tool", KNOWN, "rubber", {}) == Rubber()
    assert build("pen", Pen, {"colour": "red"}) == Pen("red")


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("quill", {}, "expected a tool of pen, rubber, got 'quill'"),
        ("Pen", {}, "expected a tool of pen, rubber, got 'Pen'"),
        (None, {}, "expected a tool of pen, rubber, got None"),
        (["pen"], {}, "expected a tool of pen, rubber, got ['pen']"),
        ("pen", {"ink": 1}, "pen: expected options of colour, width, got ink"),
        ("pen", {"z": 1, "a": 2}, "pen: expected options of colour, width, got a, z"),
        (
            "pen",
            {"colour": "red", "worn": True},
            "pen: expected options of colour, width, got worn",
        ),
        ("rubber", {"colour": "red"}, "rubber: expected options of none, got colour"),
        ("pen", {"colour": "red", "width": 0}, "pen: expected a width above 0, got 0"),
        (
            "pen",
            {},
            "pen: expected colour, got none",
        ),
        (
            "pen",
            {"colour": "red", "width": "wide"},
            "pen: options of the wrong kind "
            "('<=' not supported between instances of 'str' and 'int')",
        ),
    ],
)
def test_what_makes_no_sense_is_refused(name: object, options: dict, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        make("a tool", KNOWN, name, options)
    assert str(caught.value) == message


@pytest.mark.parametrize("value", [2, 2.0, np.float32(2), np.float64(2), np.int8(2), np.uint64(2)])
def test_numbers(value: object) -> None:
    found = number(value, "it", least=2, most=2)
    assert (found, type(found)) == (2.0, float)


@pytest.mark.parametrize("value", [2, np.int8(2), np.uint64(2)])
def test_whole_numbers(value: object) -> None:
    found = whole(value, "it", above=1, below=3)
    assert (found, type(found)) == (2, int)


NO_NUMBERS = [
    True,
    np.True_,
    "2",
    None,
    [2],
    {},
    2j,
    math.nan,
    math.inf,
    10**400,
    np.float32("nan"),
]


@pytest.mark.parametrize("value", NO_NUMBERS, ids=lambda value: repr(value)[:20])
def test_what_is_no_number(value: object) -> None:
    with pytest.raises(ConfigError, match=r"^expected it as a number, got "):
        number(value, "it")


@pytest.mark.parametrize("value", [2.0, np.float32(2), *NO_NUMBERS[:-3]], ids=repr)
def test_what_is_no_whole_number(value: object) -> None:
    with pytest.raises(ConfigError, match=r"^expected it as a whole number of at least 0, got "):
        whole(value, "it", least=0)


@dataclass(frozen=True)
class Line:
    name: str
    count: int
    share: float | None = None
    rest: tuple[int, ...] = ()


def test_read() -> None:
    assert read("line", Line, {"name": "a", "count": 3}) == Line("a", 3)
    line = read("line", Line, {"name": "a", "count": 3, "share": 1, "rest": ["any"]})
    assert line == Line("a", 3, 1.0, ["any"])
    assert type(line.share) is float


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"name": "a"}, "line: expected count, got none"),
        ({"name": None, "count": 1}, "line: expected name as text, got None"),
        ({"name": "a\0", "count": 1}, r"line: expected name as text, got 'a\x00'"),
        ({"name": "a", "count": 1.5}, "line: expected count as a whole number of at least 0"),
        ({"name": "a", "count": -1}, "line: expected count as a whole number of at least 0"),
        ({"name": "a", "count": 10**30}, "line: expected count as a whole number of at least 0"),
        ({"name": "a", "count": 1, "share": "b"}, "line: expected share as a number, got 'b'"),
        ([1], "line: expected a table of options, got [1]"),
    ],
)
def test_what_cannot_be_read(values: dict, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read("line", Line, values)
    assert str(caught.value).startswith(message)
