"""Every private name of a library that we stand on is registered, still there, and still used."""

import ast
import importlib
import importlib.metadata
import inspect
import pkgutil
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest

from rtc_server.peer.upstream import aioice, aiortc
from signaling.http import upstream as aiohttp

ROOT = Path(__file__).parents[4]
REGISTERS: dict[str, ModuleType] = {"aiortc": aiortc, "aioice": aioice, "aiohttp": aiohttp}
ROOMS = ("rtc_server/peer", "signaling/http")
NAMES = [
    (owner, name, purpose)
    for register in REGISTERS.values()
    for owner, names in register.PRIVATE.items()
    for name, purpose in names.items()
]


def is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__")


@cache
def attributes(library: str, context: str) -> frozenset[str]:
    """The attributes that ``library`` itself loads or stores anywhere, names mangled."""
    found = set()
    package = importlib.import_module(library)
    for module in pkgutil.walk_packages(package.__path__, f"{library}."):
        spec = importlib.util.find_spec(module.name)
        if spec is None or not (spec.origin or "").endswith(".py"):
            continue
        for node in ast.walk(ast.parse(Path(str(spec.origin)).read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef):
                found |= {f"_{node.name}{name}" for name in _used(node, context) if name[1] == "_"}
            found |= _used(node, context) if isinstance(node, ast.Attribute) else set()
    return frozenset(found)


def _used(tree: ast.AST, context: str) -> set[str]:
    return {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and node.attr.startswith("_")
        and type(node.ctx).__name__ == context
    }


def defined(owner: str) -> str:
    module, _, name = owner.rpartition(".")
    return inspect.getsource(getattr(importlib.import_module(module), name))


@pytest.mark.parametrize("library", REGISTERS)
def test_the_version_that_was_read_is_installed(library: str) -> None:
    assert importlib.metadata.version(library) == REGISTERS[library].VERSION


@pytest.mark.parametrize(
    ("owner", "name", "purpose"), NAMES, ids=[f"{owner}.{name}" for owner, name, _ in NAMES]
)
def test_a_name_is_there_and_upstream_uses_it(owner: str, name: str, purpose: str) -> None:
    use = purpose.partition(":")[0]
    class_name = owner.rpartition(".")[2]
    source = defined(owner)
    plain = name.removeprefix(f"_{class_name}") if name.startswith(f"_{class_name}__") else name
    library = owner.partition(".")[0]
    if use in {"calls", "overrides"}:
        assert re.search(rf"def {plain}\(", source), f"{owner} has no {plain}"
    else:
        here = re.search(rf"self\.{plain}\b|^    {plain}\b", source, re.MULTILINE)
        assert here or name in attributes(library, "Store"), f"{owner} has no {plain}"
    if use in {"sets", "overrides"}:
        assert name in attributes(library, "Load"), f"{library} never looks at {plain}"
    assert use in {"reads", "sets", "calls", "overrides"}


MODULES = [
    str(path.relative_to(ROOT))
    for room in ROOMS
    for path in sorted((ROOT / room).rglob("[!_]*.py"))
]


@pytest.mark.parametrize("module", MODULES)
def test_what_is_used_is_registered(module: str) -> None:
    registered = {name for _, name, _ in NAMES}
    missing = {each for each in _private_uses(ROOT / module) if each not in registered}
    assert not missing, f"{module} uses {sorted(missing)}, which peer/upstream does not name"


def _private_uses(path: Path) -> Iterator[str]:
    """What a module takes of the libraries' objects, and what its classes share with theirs."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    ours = {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and _is_of_self(node) and type(node.ctx) is ast.Store
    }
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Attribute)
            and is_private(node.attr)
            and not _is_of_self(node)
            and node.attr not in ours
        ):
            yield node.attr
    module = importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            yield from _shared(getattr(module, node.name), node)


def _shared(own: type, tree: ast.ClassDef) -> Iterator[str]:
    upstream = [each for each in own.__mro__ if each.__module__.partition(".")[0] in REGISTERS]
    source = "\n".join(inspect.getsource(each) for each in upstream)
    names = {
        node.attr if isinstance(node, ast.Attribute) else node.name
        for node in ast.walk(tree)
        if (isinstance(node, ast.Attribute) and _is_of_self(node))
        or isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    for name in names:
        if is_private(name) and re.search(rf"(self\.|def ){name}\b", source):
            yield name


def _is_of_self(node: ast.Attribute) -> bool:
    return isinstance(node.value, ast.Name) and node.value.id in {"self", "cls"}
