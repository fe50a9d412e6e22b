"""Which patterns the project has: compiled at import, when first used, from its tables."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

__all__ = ["ALL_METHODS", "Found", "collect"]

ALL_METHODS = frozenset({"search", "match", "fullmatch", "sub"})
# Modules whose patterns all stand in tables, and the one method that is called there.
_IN_TABLES = {
    "discovery/site_info.py": "search",
    "extraction/word_lists.py": "match",
    "verdict/phrases.py": "search",
}
# Places that build patterns of escaped words, of single sets or of our own keys, in which nothing
# repeats that a stranger chose.
_BUILT = frozenset(
    {
        "text/markdown_blocks.py", "exchange/sources_file.py", "fetching/refresh.py",
        "text/width.py", "topics/model_versions.py",
        # These compile what others hand them.
        "text/bounded_pattern.py", "text/compiled_patterns.py", "text/pattern_cost.py",
        "text/patterns.py",
    }
)  # fmt: skip
# What a method of a pattern or a function of `re` does to its text.
_LIKE = {
    "search": "search", "match": "match", "fullmatch": "fullmatch", "sub": "sub", "subn": "sub",
    "split": "sub", "findall": "sub", "finditer": "sub",
}  # fmt: skip
_ROOT = Path(__file__).resolve().parents[2] / "scraper"
# What compiles patterns when they are first used, and keeps them.
_LAZY = frozenset(str(_ROOT / "text" / name) for name in ("patterns.py", "compiled_patterns.py"))
_MAKERS = frozenset({"compile", "lazy_compile", "BoundedPattern"})


@dataclass(frozen=True, slots=True)
class Found:
    """A pattern and how it is used.

    Attributes:
        pattern, flags: as it is compiled.
        where: file and line that compile it.
        methods: those of `ALL_METHODS` that its text may meet.
        longest: characters of the longest text that it meets, None where nothing bounds it.
    """

    pattern: str | bytes
    flags: int
    where: str
    methods: frozenset[str]
    longest: int | None = None


@contextmanager
def _watching(seen: dict[tuple[str | bytes, int], dict[str, Any]]) -> Iterator[None]:
    """Note each pattern that the project compiles, with the line that does."""
    compile_ = re._compile  # type: ignore[attr-defined]

    def noting(pattern: Any, flags: int) -> Any:
        made = compile_(pattern, flags)
        frame, function = sys._getframe(1), "compile"
        if frame.f_code.co_filename == re.__file__:
            function = frame.f_code.co_name
            frame = frame.f_back  # type: ignore[assignment]
        frame = _behind_lazy(frame)
        longest = None
        if frame.f_code.co_qualname.startswith("BoundedPattern."):
            longest, frame = frame.f_locals["longest"], frame.f_back  # type: ignore[assignment]
        file = Path(frame.f_code.co_filename)
        # What a user wrote is first compiled to see whether it can be; what is compiled when it is
        # first used was noted where it is written.
        used = frame.f_code.co_name not in ("is_pattern", "__getattr__")
        if used and isinstance(pattern, str | bytes) and file.is_relative_to(_ROOT):
            use = seen.setdefault((made.pattern, made.flags), {"places": {}, "longest": longest})
            use["places"].setdefault((file, frame.f_lineno), set()).add(function)
            unbounded = longest is None or use["longest"] is None
            use["longest"] = None if unbounded else max(longest, use["longest"])
        return made

    re._compile = noting  # type: ignore[attr-defined]
    try:
        yield
    finally:
        re._compile = compile_  # type: ignore[attr-defined]


def _behind_lazy(frame: FrameType) -> FrameType:
    """Return the frame that asked for a pattern which is compiled when it is first used."""
    while frame.f_back and frame.f_code.co_filename in (__file__, *_LAZY):
        if frame.f_code.co_name == "__getattr__":
            break
        frame = frame.f_back
    return frame


def _compile_at_once() -> None:
    """Let patterns that are compiled when first used be compiled where they are written."""
    from scraper.text import patterns

    initialise = patterns._LazyPattern.__init__

    def eager(self: Any, pattern: str, flags: int) -> None:
        initialise(self, pattern, flags)
        re.compile(pattern, flags)

    patterns._LazyPattern.__init__ = eager  # type: ignore[method-assign]


class _Source:
    """What the text of a module says of its patterns."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.tree = ast.parse(file.read_text(encoding="utf-8"))
        self.names = {
            target.id: node
            for node in self.tree.body
            if isinstance(node, ast.Assign | ast.AnnAssign)
            for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
            if isinstance(target, ast.Name)
        }
        self.imported: set[str] = set()
        self.methods: defaultdict[str, set[str]] = defaultdict(set)
        # How often a name is read, and how often only for something of it.
        self.reads: Counter[str] = Counter()
        self.calls_on: Counter[str] = Counter()
        for node in ast.walk(self.tree):
            if isinstance(node, ast.ImportFrom):
                self.imported |= {alias.name for alias in node.names}
            elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
                self.reads[node.id] += 1
            elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                self.calls_on[node.value.id] += 1
                if node.attr in _LIKE:
                    self.methods[node.value.id].add(_LIKE[node.attr])

    def name_at(self, line: int) -> str:
        """Return the name that the pattern compiled in a line is bound to, or ""."""
        for name, node in self.names.items():
            call = node.value
            if isinstance(call, ast.Call) and node.lineno <= line <= (node.end_lineno or 0):
                maker = getattr(call.func, "attr", getattr(call.func, "id", ""))
                return name if maker in _MAKERS else ""
        return ""

    def methods_of(self, name: str) -> frozenset[str]:
        """Return which methods of a pattern are called here; all where it is handed on."""
        if self.reads[name] > self.calls_on[name]:
            return ALL_METHODS
        return frozenset(self.methods[name])

    def function_at(self, line: int) -> str:
        """Return the function of the module in which a line stands, or ""."""
        functions = [node for node in self.tree.body if isinstance(node, ast.FunctionDef)]
        within = [f.name for f in functions if f.lineno <= line <= (f.end_lineno or 0)]
        return within[0] if within else ""

    def calls(self) -> Iterator[tuple[int, int, str, ast.expr]]:
        """Yield first and last line of each call of `re`, its function, and the pattern."""
        for node in ast.walk(self.tree):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and isinstance(node.func.value, ast.Name)
                and node.func.value.id == "re"
                and node.func.attr in {*_LIKE, "compile"}
            ):
                yield node.lineno, node.end_lineno or node.lineno, node.func.attr, node.args[0]


def _use() -> None:
    """Use what compiles its patterns only then."""
    import scraper
    import scraper.errors
    from scraper.discovery.visit import Wanted
    from scraper.exchange.packs import read_packs
    from scraper.search.occurrences import snippet, spans
    from scraper.search.query import Term
    from scraper.search.terms import row_terms
    from scraper.verdict import judge_page
    from scraper.verdict.prose import text_matches_title

    for pack in read_packs():
        for source in pack.sources:
            Wanted(source)
    page = "<html lang='en'><body><article><h1>A</h1>" + "<p>One two, three and four.</p>" * 40
    told = "<p>" + "The council of the port voted for a new ferry on Monday. " * 4 + "</p>"
    # The second headline leads to another article.
    other = "<div><h2><a href='/2'>A harbour closes for the winter</a></h2><p>By Ann Lee</p>"
    page += told * 6 + other + told + "</div></article></body></html>"
    with suppress(scraper.errors.ExtractError):
        scraper.extract(page.encode(), "https://news.example/1")
    row_terms("One 2.5%", "$1,000 一二")
    for text in ("One two, 2.5", "一 two"):
        snippet(text, spans(text, Term(text="one two 2.5 一", prefix=True)))
    text_matches_title("Harbour closed", "The harbour is closed.")
    for name in ("cf-mitigated", "x-datadome"):
        judge_page(
            status=200, url="", final_url="", headers={name: "-"}, html="", title="", text=""
        )


def collect() -> tuple[list[Found], list[str]]:
    """Return all patterns, and the places that compile one which was not seen.

    To be called before anything of the project is imported.
    """
    seen: dict[tuple[str | bytes, int], dict[str, Any]] = {}
    with _watching(seen):
        _compile_at_once()
        package = importlib.import_module("scraper")
        for module in pkgutil.walk_packages(package.__path__, "scraper."):
            if not module.name.endswith("__main__"):
                importlib.import_module(module.name)
        _use()
    sources = {file: _Source(file) for file in sorted(_ROOT.rglob("*.py"))}
    found = [
        Found(
            pattern,
            flags,
            ", ".join(f"{file.relative_to(_ROOT)}:{line}" for file, line in use["places"]),
            _methods(use["places"], sources),
            use["longest"],
        )
        for (pattern, flags), use in seen.items()
    ]
    places = {place for use in seen.values() for place in use["places"]}
    unseen = []
    for file, source in sources.items():
        for first, last, function, pattern in source.calls():
            if any((file, line) in places for line in range(first, last + 1)):
                continue
            if isinstance(pattern, ast.Constant) and isinstance(pattern.value, str | bytes):
                where = f"{file.relative_to(_ROOT)}:{first}"
                methods = frozenset({_LIKE[function]}) if function in _LIKE else ALL_METHODS
                found.append(Found(pattern.value, 0, where, methods))
            elif source.function_at(first) != "is_pattern" and (
                str(file.relative_to(_ROOT)) not in _BUILT
            ):
                unseen.append(f"{file.relative_to(_ROOT)}:{first}")
    return found, unseen


def _methods(
    places: dict[tuple[Path, int], set[str]], sources: dict[Path, _Source]
) -> frozenset[str]:
    methods: set[str] = set()
    for (file, line), functions in places.items():
        methods |= {_LIKE[function] for function in functions if function in _LIKE}
        if functions <= _LIKE.keys():
            continue
        name = sources[file].name_at(line)
        if not name:
            only = _IN_TABLES.get(str(file.relative_to(_ROOT)))
            return ALL_METHODS if only is None else frozenset({only})
        users = [source for source in sources.values() if name in source.imported]
        for source in (sources[file], *users):
            methods |= source.methods_of(name)
    return frozenset(methods) or ALL_METHODS
