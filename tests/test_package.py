"""The package as a whole: what it loads, who imports whom, and that everything is explained."""

import ast
import importlib
import inspect
import json
import pkgutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import whynet

ROOT = Path(whynet.__file__).parent

RANKS = {
    "errors": 0,
    "_version": 0,
    "options": 1,
    "ops": 1,
    "randomness": 2,
    "drawing": 2,
    "nn": 3,
    "optim": 3,
    "plan": 4,
    "data": 4,
    "train": 5,
    "sequential": 6,
    "presets": 7,
    "explain": 8,
    "handwriting": 8,
    "interop": 9,
    "cli": 10,
    "studio": 11,
}
"""Imports flow one way: a file may import from its own package, and from those ranked below it."""

LEARNING = ("ops", "nn", "plan", "optim", "train", "explain", "sequential.py", "randomness.py")
"""What computes: NumPy and the standard library, and nothing else."""


def modules() -> list[Path]:
    return sorted(ROOT.rglob("*.py"))


def parsed(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"), filename=str(file))


def imports(tree: ast.AST) -> Iterator[str]:
    """Every module named by an import anywhere in this piece of code."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are written in full"
            if node.module == "whynet":
                yield from (f"whynet.{alias.name}" for alias in node.names)
            else:
                yield node.module or ""


def package(file: Path) -> str:
    return file.relative_to(ROOT).parts[0].removesuffix(".py")


def loaded_by(code: str) -> set[str]:
    """The packages that a piece of code loads."""
    code = (
        f"import json, sys; before = set(sys.modules); {code}; "
        "print(json.dumps(sorted({m.split('.')[0] for m in set(sys.modules) - before})))"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(json.loads(said.stdout))


def test_import_loads_the_standard_library_only() -> None:
    assert loaded_by("import whynet") <= set(sys.stdlib_module_names) | {"whynet"}


def test_all_names_load_numpy_and_the_standard_library_only() -> None:
    loaded = loaded_by("import whynet; [getattr(whynet, name) for name in whynet.__all__]")
    assert {"whynet", "numpy"} <= loaded
    strangers = loaded - set(sys.stdlib_module_names) - {"whynet", "numpy"}
    # NumPy's compiled parts register these.
    strangers = {name for name in strangers if not name.startswith(("_cython_", "cython_runtime"))}
    assert strangers == set()


def test_the_learning_code_is_numpy_only() -> None:
    allowed = set(sys.stdlib_module_names) | {"numpy", "whynet"}
    for start in LEARNING:
        files = [ROOT / start] if start.endswith(".py") else sorted((ROOT / start).rglob("*.py"))
        for file in files:
            foreign = {name.split(".")[0] for name in imports(parsed(file))} - allowed
            # Weights are stored with safetensors; that is not learning.
            expected = {"safetensors"} if file == ROOT / "train" / "modelfile.py" else set()
            assert foreign == expected, file


def test_safetensors_is_imported_only_where_a_file_is_touched() -> None:
    tree = parsed(ROOT / "train" / "modelfile.py")
    at_import = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    assert at_import
    for node in at_import:
        assert "safetensors" not in set(imports(node))


def test_every_package_has_a_rank() -> None:
    found = {package(file) for file in modules()} - {"__init__", "__main__"}
    assert found <= RANKS.keys()


def test_imports_flow_one_way() -> None:
    upwards = []
    for file in modules():
        source = package(file)
        if source in ("__init__", "__main__"):  # the face and the door stand above all
            continue
        for name in imports(parsed(file)):
            top, _, rest = name.partition(".")
            target = rest.split(".")[0]
            if top != "whynet" or target == source:
                continue
            # The public face stands above the library, and below what people touch.
            if RANKS.get(target, RANKS["interop"]) >= RANKS[source]:
                upwards.append(f"{file.relative_to(ROOT)} imports {name}")
    assert upwards == []


def test_nothing_is_imported_by_star() -> None:
    for file in modules():
        for node in ast.walk(parsed(file)):
            if isinstance(node, ast.ImportFrom):
                assert "*" not in {alias.name for alias in node.names}, file


def test_numpy_random_is_seeded_everywhere() -> None:
    """Randomness is an argument: nobody draws from NumPy's hidden global generator."""
    allowed = {"default_rng", "Generator", "Philox", "PCG64", "SFC64", "SeedSequence"}
    allowed |= {"BitGenerator"}
    for file in modules():
        for node in ast.walk(parsed(file)):
            if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "np.random":
                assert node.attr in allowed, f"{file}: np.random.{node.attr}"
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "np.random.default_rng":
                assert node.args, f"{file}: default_rng() without a seed"


# -- what is said about it ----------------------------------------------------------------------


def test_the_public_names_exist_and_are_explained() -> None:
    faces = ["whynet", *(f"whynet.{name}" for name in ("data", "nn", "plan", "optim", "train"))]
    faces += [info.name for info in pkgutil.iter_modules([str(ROOT)], "whynet.") if info.ispkg]
    for face in sorted(set(faces)):
        module = importlib.import_module(face)
        assert module.__doc__, face
        names = getattr(module, "__all__", [])
        assert len(names) == len(set(names))
        for name in names:
            member = getattr(module, name)
            if inspect.isclass(member) or callable(member):
                assert member.__doc__, f"{face}.{name}"


@pytest.mark.parametrize("face", ["whynet", "whynet.nn", "whynet.optim", "whynet.train"])
def test_all_names_all_that_was_imported(face: str) -> None:
    module = importlib.import_module(face)
    tree = parsed(Path(str(module.__file__)))
    imported = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if (node.module or "").startswith("whynet")
    }
    assert set(module.__all__) == imported


def test_the_face_fetches_what_it_tells_type_checkers() -> None:
    tree = parsed(Path(str(whynet.__file__)))
    told = {
        alias.name: node.module
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("whynet.")
        for alias in node.names
    }
    for name, home in told.items():
        assert getattr(whynet, name) is getattr(importlib.import_module(str(home)), name)
    assert set(told) <= set(dir(whynet))
    with pytest.raises(AttributeError, match="has no attribute 'Desne'"):
        whynet.Desne  # noqa: B018


def public(tree: ast.Module) -> Iterator[tuple[str, ast.AST]]:
    """Every public class and function of a module, and the public methods of public classes."""
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    for node in tree.body:
        if isinstance(node, kinds) and not node.name.startswith("_"):
            yield node.name, node
            if isinstance(node, ast.ClassDef):
                for inner in node.body:
                    if isinstance(inner, kinds) and not inner.name.startswith("_"):
                        yield f"{node.name}.{inner.name}", inner


def test_everything_public_is_explained() -> None:
    """With more than the name said again."""
    poor = []
    for file in modules():
        tree = parsed(file)
        where = file.relative_to(ROOT)
        if not ast.get_docstring(tree):
            poor.append(f"{where}: no docstring")
        for name, node in public(tree):
            text = ast.get_docstring(node) or ""
            words = {word.strip(".,;:()`").lower() for word in text.split()}
            said_again = set(name.lower().replace(".", "_").split("_")) | {"the", "a", "return"}
            if len(words - said_again) < 1 or len(text) < 9:
                poor.append(f"{where}: {name}: {text!r}")
    assert poor == []


def test_the_version_is_a_version() -> None:
    parts = whynet.__version__.split(".")
    assert len(parts) >= 3
    assert parts[0].isdigit()
    assert parts[1].isdigit()


def test_the_face_is_small() -> None:
    """About forty names: what a newcomer can take in."""
    assert len(whynet.__all__) <= 50
    assert whynet.__all__ == sorted(whynet.__all__, key=_as_ruff_sorts)


def _as_ruff_sorts(name: str) -> tuple[int, str]:
    """Constants, classes, then the rest."""
    kind = 0 if name.isupper() else 1 if name[0].isupper() else 2
    return kind, name
