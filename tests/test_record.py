"""A record is what the frozen, slotted dataclass of the same fields is."""

from __future__ import annotations

import copy
import inspect
import pickle
from dataclasses import (
    FrozenInstanceError,
    asdict,
    dataclass,
    field,
    fields,
    is_dataclass,
    replace,
)
from typing import ClassVar

import pytest

from scraper.record import record


@record
class Port:
    """A port, with as many kinds of field as a class can have."""

    kind: ClassVar[str] = "harbour"
    name: str
    berths: int = 3
    ships: list[str] = field(default_factory=list)
    missing: tuple[str, ...] = field(default_factory=tuple)
    secret: str = field(default="", repr=False)

    @property
    def shout(self) -> str:
        return self.name.upper()


@dataclass(frozen=True, slots=True, kw_only=True)
class Plain:
    """The same as `dataclasses` makes it."""

    kind: ClassVar[str] = "harbour"
    name: str
    berths: int = 3
    ships: list[str] = field(default_factory=list)
    missing: tuple[str, ...] = field(default_factory=tuple)
    secret: str = field(default="", repr=False)


@record
class Deep(Port):
    """A record of a record."""

    depth: float


@record(kw_only=False)
class Pair:
    """Given by place."""

    left: int
    right: int = 0


@record(kw_only=False)
class Single:
    """One field, of which `attrgetter` would make no tuple."""

    only: tuple[int, ...]


@record
class Bare:
    """No field."""


@record
class Checked:
    """Looks at what it was given."""

    size: int

    def __post_init__(self) -> None:
        if self.size < 0:
            raise ValueError("below nothing")


def test_it_is_told_like_the_dataclass() -> None:
    mine, plain = Port(name="A", ships=["x"], secret="s"), Plain(name="A", ships=["x"], secret="s")
    assert repr(mine).replace("Port", "Plain") == repr(plain)
    told = [str(inspect.signature(kind).replace(return_annotation=None)) for kind in (Port, Plain)]
    assert told[0] == told[1]
    assert asdict(mine) == asdict(plain)
    assert [f.name for f in fields(Port)] == [f.name for f in fields(Plain)]
    assert Port.__match_args__ == Plain.__match_args__ == ()
    assert Pair.__match_args__ == ("left", "right")
    assert is_dataclass(Port) and Port.__doc__ and mine.shout == "A"
    assert not hasattr(mine, "__dict__")
    with pytest.raises(TypeError) as told:
        Port(berths=1)  # type: ignore[call-arg]
    with pytest.raises(TypeError) as same:
        Plain(berths=1)  # type: ignore[call-arg]
    assert str(told.value).replace("Port", "Plain") == str(same.value)
    with pytest.raises(TypeError, match="unexpected keyword argument 'colour'"):
        Port(name="A", colour="red")  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="positional"):
        Port("A")  # type: ignore[misc]


def test_each_instance_has_its_own_default() -> None:
    one, two = Port(name="A"), Port(name="B")
    one.ships.append("x")
    assert (one.ships, two.ships) == (["x"], [])


def test_it_is_frozen() -> None:
    port = Port(name="A")
    with pytest.raises(FrozenInstanceError, match="cannot assign to field 'name'"):
        port.name = "B"  # type: ignore[misc]
    with pytest.raises(FrozenInstanceError, match="cannot delete field 'name'"):
        del port.name
    assert port.name == "A"
    # Asking again for the parts of a made one changes nothing of it.
    port_init = port.__init__  # type: ignore[misc]
    assert port_init.__qualname__ == "Port.__init__"


def test_it_is_compared_by_class_and_value() -> None:
    assert Pair(1) == Pair(1, 0) != Pair(1, 2)
    assert len({Pair(1), Pair(1, 0), Pair(2)}) == 2
    assert Pair(1) != (1, 0) and Bare() == Bare() != Checked(size=0)
    assert Single((1, 2)) == Single((1, 2)) != Single(())
    assert len({Single((1,)), Single((1,)), Bare(), Bare()}) == 2  # type: ignore[list-item]
    deep = Deep(name="A", depth=2.5)
    assert deep != Port(name="A") and deep.shout == "A"
    assert repr(deep) == "Deep(name='A', berths=3, ships=[], missing=(), depth=2.5)"
    with pytest.raises(TypeError, match="unhashable"):
        hash(Port(name="A"))


@pytest.mark.parametrize(
    "made", [Port(name="A", ships=["x"]), Deep(name="A", depth=1), Pair(1, 2), Single((3,)), Bare()]
)
def test_it_is_copied_whole(made: object) -> None:
    for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1):
        assert pickle.loads(pickle.dumps(made, protocol)) == made
    assert copy.copy(made) == copy.deepcopy(made) == made


def test_another_is_made_of_it() -> None:
    assert replace(Port(name="A", berths=1), name="B") == Port(name="B", berths=1)
    assert replace(Pair(1, 2), left=5) == Pair(5, 2)
    with pytest.raises(ValueError, match="below nothing"):
        replace(Checked(size=1), size=-1)


def test_it_may_hold_itself() -> None:
    port = Port(name="A")
    port.ships.append(port)  # type: ignore[arg-type]
    assert repr(port) == "Port(name='A', berths=3, ships=[...], missing=())"
