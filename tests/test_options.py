"""Making things from plain words, and the one sentence for every way to get it wrong."""

from dataclasses import dataclass, field

import pytest

from whynet.errors import ConfigError
from whynet.options import build, make


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
            "pen: options of the wrong kind (missing 1 required positional argument: 'colour')",
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
