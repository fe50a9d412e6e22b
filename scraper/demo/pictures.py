"""Pictures of the newsroom: small drawings in SVG, made from their names alone."""

from __future__ import annotations

import hashlib

__all__ = ["picture"]


def picture(name: str) -> bytes:
    """Return an SVG drawing; the same name gives the same one."""
    digest = hashlib.sha256(name.encode()).digest()
    hue, bars = digest[0] * 360 // 256, digest[1:11]
    columns = "".join(
        f'<rect x="{40 + 57 * place}" y="{320 - height}" width="36" height="{height}" '
        f'fill="hsl({hue},45%,{40 + 2 * place}%)"/>'
        for place, height in enumerate(40 + value * 200 // 255 for value in bars)
    )
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 360" width="640" height="360">'
        f'<rect width="640" height="360" fill="hsl({hue},30%,92%)"/>'
        f'<circle cx="{500 + digest[11] // 4}" cy="80" r="36" fill="hsl({hue},60%,75%)"/>'
        f"{columns}</svg>"
    ).encode()
