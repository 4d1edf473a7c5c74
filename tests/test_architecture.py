"""The house rules that a machine can keep: who may import whom, torch and Qt in their rooms, no stray packages."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[1]
PACKAGE = REPOSITORY / "eit_rt"
AUDIENCE_FOLDERS = ("models", "calibration", "firmware_protocol")

FLOOR = {"errors", "output", "pattern", "layout", "frames", "shipped", "settings", "__init__"}
RUNTIME = {"boards", "calibration", "reconstruction", "recording"}
MAY_IMPORT: dict[str, set[str]] = {
    "errors": set(),
    "ring": {"errors"},
    "pattern": {"errors", "ring"},
    "layout": {"errors"},
    "frames": {"errors", "pattern", "layout"},
    "shipped": {"errors"},
    "output": {"errors"},
    "settings": {"errors", "layout"},
    "protocol": FLOOR,
    "links": FLOOR,
    "physics": FLOOR,
    "recording": FLOOR | {"protocol", "links"},
    "boards": FLOOR | {"protocol", "links", "recording"},
    "calibration": FLOOR,
    "reconstruction": FLOOR | {"physics"},
    "simulation": FLOOR | {"physics", "boards", "protocol", "links", "recording"},
    "selftest": FLOOR | {"calibration", "physics"},
    "pipeline": FLOOR | RUNTIME | {"protocol", "links"},
    "viewer": FLOOR | RUNTIME | {"pipeline", "selftest"},
    "training": FLOOR | {"physics", "reconstruction", "calibration", "recording"},
    "evaluation": FLOOR | {"physics", "reconstruction", "recording", "calibration", "training"},
    "study": FLOOR | {"physics", "reconstruction", "training"},
    "commands": FLOOR
    | RUNTIME
    | {"protocol", "links", "physics", "simulation", "pipeline", "viewer", "selftest"}
    | {"training", "evaluation", "study", "cli"},
    "cli": {"errors", "__init__", "commands"},
    "__main__": {"cli"},
    "__init__": set(),
}
ROOMS_OF = {
    "torch": {"training", "study"},
    "PySide6": {"viewer"},
    "pyqtgraph": {"viewer"},
    "av": {"viewer"},
    "PIL": {"viewer"},
    "matplotlib": {"study", "training", "evaluation"},
}


def room(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def sources() -> list[Path]:
    return sorted(path for path in PACKAGE.rglob("*.py") if "_shipped" not in path.parts)


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import; name the room"
            yield node.module or ""
            if node.module == "eit_rt":
                yield from (
                    f"eit_rt.{alias.name}" for alias in node.names if alias.name != "__version__"
                )


def test_there_is_code_to_check():
    assert len(sources()) > 30


@pytest.mark.parametrize("path", sources(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_follow_the_ladder(path):
    mine = room(path)
    assert mine in MAY_IMPORT, (
        f"{mine} is a new room: give it a place in docs/architecture.md and here"
    )
    for name in imported(path):
        top, *rest = name.split(".")
        if top == "eit_rt" and rest and rest[0] != mine:
            assert rest[0] in MAY_IMPORT[mine], f"{mine} may not import {rest[0]}"
        assert mine in ROOMS_OF.get(top, {mine}), f"{top} lives in {ROOMS_OF[top]} only"


@pytest.mark.parametrize("folder", AUDIENCE_FOLDERS)
def test_audience_folders_are_no_packages(folder):
    assert (REPOSITORY / folder / "README.md").is_file()
    assert not list((REPOSITORY / folder).rglob("__init__.py"))


def test_packages_of_rooms_have_small_doors():
    for path in PACKAGE.rglob("__init__.py"):
        assert len(path.read_text().splitlines()) <= 60, f"{path}: a door, not a room"


def test_nothing_shapeless_has_a_module():
    shapeless = {"utils", "util", "helpers", "common", "manager", "misc"}
    assert not [path for path in sources() if path.stem in shapeless]


@pytest.mark.parametrize("forbidden", ["numpy", "PySide6", "onnxruntime", "torch", "scipy"])
def test_help_imports_nothing_heavy(forbidden):
    code = (
        "import sys, eit_rt.cli as cli\ntry: cli.main(['--help'])\nexcept SystemExit: pass\n"
        f"sys.exit({forbidden!r} in sys.modules)"
    )
    assert (
        subprocess.run(
            [sys.executable, "-c", code], stdout=subprocess.DEVNULL, check=False
        ).returncode
        == 0
    )


def test_running_the_pipeline_imports_no_torch_no_onnx_no_qt():
    code = (
        "import sys, eit_rt.pipeline, eit_rt.reconstruction, eit_rt.boards, eit_rt.calibration, eit_rt.recording\n"
        "print(sorted({'torch', 'onnx', 'PySide6', 'scipy.signal', 'matplotlib'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
