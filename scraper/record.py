"""Frozen, slotted dataclasses of which a class costs little to make.

`dataclasses.dataclass` writes the methods of each class as source and compiles it: .4 ms a class,
which was a third of the CPU of a command that reads an archive and makes two hundred classes. Here
a class shares its methods with the others, and its `__init__` is compiled when the first instance
is made: .04 ms. What comes of it is a dataclass, to `dataclasses`, `pickle` and type checkers too.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import MISSING, FrozenInstanceError, dataclass, field, fields
from operator import attrgetter
from reprlib import recursive_repr
from typing import Any, TypeVar, dataclass_transform, overload

__all__ = ["record"]

T = TypeVar("T")


@overload
def record(cls: type[T]) -> type[T]: ...
@overload
def record(*, kw_only: bool) -> Callable[[type[T]], type[T]]: ...


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(field,))
def record(cls: Any = None, *, kw_only: bool = True) -> Any:
    """Make of a class what `@dataclass(frozen=True, slots=True, kw_only=True)` makes of it.

    Args:
        cls: the class, whose annotations are its fields.
        kw_only: whether fields are given by their names only.
    """
    return _make(cls, kw_only) if cls is not None else lambda plain: _make(plain, kw_only)


def _make(plain: Any, kw_only: bool) -> Any:
    # Where there is none, `dataclass` writes one from the signature: more work than all the rest.
    plain.__doc__ = plain.__doc__ or plain.__name__
    own = set(vars(plain))
    dataclass(init=False, repr=False, eq=False, kw_only=kw_only)(plain)
    names = [each.name for each in fields(plain)]
    several: Callable[[Any], Any] = attrgetter(*names) if len(names) > 1 else lambda _: ()
    values = several if len(names) != 1 else lambda self: (getattr(self, names[0]),)

    def first_init(self: object, *args: object, **named: object) -> None:
        cls.__init__ = init = _compiled_init(cls)
        init(self, *args, **named)

    def equal(self: object, other: object) -> Any:
        if self.__class__ is not other.__class__:
            return NotImplemented
        return values(self) == values(other)

    methods = {
        "__signature__": _SIGNATURE,
        "__init__": first_init,
        "__repr__": _show,
        "__eq__": equal,
        "__hash__": lambda self: hash(values(self)),
        "__setattr__": _refuse_to_set,
        "__delattr__": _refuse_to_delete,
        "__getstate__": lambda self: values(self),
        "__setstate__": _set_state,
    }
    # Slots need another class, as in `dataclasses._add_slots`; to set methods on a class that
    # stands costs more than to make it with them.
    inherited = {name for base in plain.__mro__[1:] for name in vars(base).get("__slots__", ())}
    space = {name: value for name, value in vars(plain).items() if name not in _UNSLOTTED}
    space |= {name: method for name, method in methods.items() if name not in own}
    for name in names:
        space.pop(name, None)
    space["__slots__"] = tuple(name for name in names if name not in inherited)
    space["__qualname__"] = plain.__qualname__
    cls: Any = type(plain)(plain.__name__, plain.__bases__, space)
    return cls


def _compiled_init(cls: Any) -> Callable[..., None]:
    """Return the `__init__` that names every field and sets it."""
    arguments: list[str] = []
    by_name: list[str] = []
    lines: list[str] = []
    # No field is named like these: the compiler would have mangled its name.
    scope: dict[str, Any] = {"__made": _MADE}
    for each in fields(cls):
        name, given = each.name, each.name
        # The descriptor of a slot sets it without asking `__setattr__`, which refuses.
        scope[f"__set_{name}"] = getattr(cls, name).__set__
        argument = name
        if each.default_factory is not MISSING:
            scope[f"__make_{name}"] = each.default_factory
            argument = f"{name}=__made"
            given = f"__make_{name}() if {name} is __made else {name}"
        elif each.default is not MISSING:
            scope[f"__default_{name}"] = each.default
            argument = f"{name}=__default_{name}"
        (by_name if each.kw_only else arguments).append(argument)
        lines.append(f" __set_{name}(self, {given})\n")
    if hasattr(cls, "__post_init__"):
        lines.append(" self.__post_init__()\n")
    if by_name:
        arguments += ["*", *by_name]
    exec(f"def __init__(self, {', '.join(arguments)}):\n{''.join(lines) or ' pass'}", scope)
    init: Any = scope["__init__"]
    init.__qualname__ = f"{cls.__qualname__}.__init__"
    init.__module__ = cls.__module__
    return init  # type: ignore[no-any-return]


# What a class without slots has for its instances.
_UNSLOTTED = ("__dict__", "__weakref__")


class _Made:
    """Stands for what a factory makes where nothing is given."""

    def __repr__(self) -> str:
        return "<factory>"


_MADE = _Made()


class _Signature:
    """What `inspect.signature` shows of a record: made when it is asked for."""

    def __get__(self, _instance: object, owner: Any) -> inspect.Signature:
        types = {each.name: each.type for each in fields(owner)}
        shown = inspect.signature(_compiled_init(owner)).parameters
        return inspect.Signature(
            [shown[name].replace(annotation=types[name]) for name in shown if name in types]
        )


_SIGNATURE = _Signature()


@recursive_repr()
def _show(self: Any) -> str:
    shown = ", ".join(f"{f.name}={getattr(self, f.name)!r}" for f in fields(self) if f.repr)
    return f"{self.__class__.__qualname__}({shown})"


def _refuse_to_set(self: object, name: str, value: object) -> None:
    raise FrozenInstanceError(f"cannot assign to field {name!r}")


def _refuse_to_delete(self: object, name: str) -> None:
    raise FrozenInstanceError(f"cannot delete field {name!r}")


def _set_state(self: Any, state: tuple[object, ...]) -> None:
    for each, value in zip(fields(self), state, strict=True):
        object.__setattr__(self, each.name, value)
