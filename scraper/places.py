"""Where the shipped configuration lies: beside the package in a checkout, inside it in a wheel."""

from __future__ import annotations

from pathlib import Path

__all__ = ["shipped_config"]


def shipped_config() -> Path:
    """Folder of the shipped `settings.toml`, `sources.toml`, `topics.toml`, `boilerplate.toml`."""
    package = Path(__file__).resolve().parent
    inside = package / "_config"
    return inside if inside.is_dir() else package.parent / "config"
