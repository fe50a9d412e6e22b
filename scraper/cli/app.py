"""What commands share: the global options, and what they open."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import update_wrapper
from typing import Any, Self

import click

from scraper.archive import Archive
from scraper.cli.contents import EXIT_DISK, EXIT_FAILED, EXIT_LOCKED, EXIT_USAGE, Options
from scraper.config import Config, load_config
from scraper.judge import edits

__all__ = ["EXIT_DISK", "EXIT_FAILED", "EXIT_LOCKED", "EXIT_USAGE", "App", "pass_app"]


@dataclass(frozen=True, slots=True, kw_only=True)
class App(Options):
    """The global options, and what they open."""

    @classmethod
    def of(cls, options: Options) -> Self:
        """Return the application that runs with these options."""
        return cls(**{field.name: getattr(options, field.name) for field in fields(options)})

    def config(self) -> Config:
        """Read the configuration (`ConfigError` when it is wrong)."""
        return load_config(self.config_folder)

    def archive(self, *, create: bool = True) -> Archive:
        """Open the archive; with `create=False` it must be there."""
        return Archive(self.archive_folder, create=create, edits=edits)


def pass_app(command: Callable[..., Any]) -> Callable[..., Any]:
    """Hand a command its `App` as the first argument."""

    @click.pass_obj
    def with_app(options: Options, *args: Any, **kwargs: Any) -> Any:
        return command(App.of(options), *args, **kwargs)

    return update_wrapper(with_app, command)
