"""Names of a package that are imported when they are first asked for (PEP 562)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

__all__ = ["lazy_names"]


def lazy_names(
    package: str, modules: Mapping[str, str], scope: dict[str, Any]
) -> Callable[[str], Any]:
    """Return a package's `__getattr__`: importing the package imports none of its modules.

    Args:
        package: the package's name.
        modules: names that the package offers, divided by spaces, by the module that has them.
        scope: the package's namespace; what was asked for once stands there.
    """
    module_of = {name: module for module, names in modules.items() for name in names.split()}

    def find(name: str) -> Any:
        if name not in module_of:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        scope[name] = value = getattr(import_module(f"{package}.{module_of[name]}"), name)
        return value

    return find
