"""`eit-rt build-model`: from options or a recipe to a file that runs; mistakes told with exit code 2."""

import subprocess
import sys

import numpy as np
import pytest

from eit_rt.cli import main
from eit_rt.reconstruction import Reconstructor
from eit_rt.reconstruction.metadata import DifferenceKind

SMALL = ["--method", "gauss-newton", "--electrodes", "8", "--size", "16"]


def test_options_make_a_model_named_like_its_file(tmp_path, capsys):
    file = tmp_path / "bench8.onnx"
    options = ["--noise-figure", "1", "--first-deg", "0", "--direction", "counterclockwise"]
    assert main(["build-model", *SMALL, *options, "-o", str(file)]) == 0
    told = capsys.readouterr().out
    assert "bench8: image, normalised difference, adjacent, 8 electrodes, 40 measurements" in told
    assert "noise figure               1\n" in told
    model = Reconstructor.load(file)
    assert model.metadata.name == "bench8"
    assert model.metadata.layout.angles_deg[:2] == (0.0, 45.0)
    assert np.isfinite(model.run(np.ones(40, np.float32), np.ones(40, np.float32))).any()


def test_a_file_name_with_spaces_makes_a_name_without(tmp_path):
    file = tmp_path / "my first model.onnx"
    assert main(["build-model", *SMALL, "-o", str(file)]) == 0
    assert Reconstructor.load(file).metadata.name == "my-first-model"


def test_recipe_makes_model_and_picture(tmp_path):
    recipe = tmp_path / "eight.yaml"
    recipe.write_text(
        "method: greit\nelectrodes: 8\nsize: 16\nnoise_figure: 0.5\ndifference: plain\ntargets: 200\n"
    )
    file, picture = tmp_path / "eight.onnx", tmp_path / "eight.png"
    words = ["build-model", "--recipe", str(recipe), "-o", str(file), "--picture", str(picture)]
    assert main(words) == 0
    assert Reconstructor.load(file).metadata.difference is DifferenceKind.PLAIN
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_existing_file_is_kept_unless_forced(tmp_path, capsys):
    file = tmp_path / "m.onnx"
    file.write_bytes(b"mine")
    assert main(["build-model", *SMALL, "-o", str(file)]) == 2
    assert "--force" in capsys.readouterr().err
    assert file.read_bytes() == b"mine"
    assert main(["build-model", *SMALL, "-o", str(file), "--force"]) == 0
    assert Reconstructor.load(file).metadata.n_meas == 40


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "say --method"),
        (["--method", "greit", "--recipe", "x.yaml"], "leave out --method or --recipe"),
        (["--recipe", "none.yaml"], "none.yaml: cannot be read"),
        (["--method", "greit", "--prior", "laplace"], "options: prior: unknown key"),
        (["--method", "greit", "--pattern", "zigzag"], "no pattern is called 'zigzag'"),
        (["--method", "greit", "--tank-height", "-1"], "options: tank.height: "),
        (["--method", "gauss-newton", "--size", "3", "--coverage", "2"], "options: size: "),
        (["--method", "gauss-newton", "--weight", "3"], "options: weight: "),
        (["--method", "gauss-newton", "--noise-figure", "0.001"], "reaches"),
    ],
)
def test_mistake_is_told_and_nothing_is_written(words, message, tmp_path, capsys):
    assert main(["build-model", *words, "-o", str(tmp_path / "m.onnx")]) == 2
    told = capsys.readouterr().err
    assert message in told
    assert "Traceback" not in told
    assert list(tmp_path.iterdir()) == []


def test_folder_must_be_there(tmp_path, capsys):
    assert main(["build-model", *SMALL, "-o", str(tmp_path / "no" / "m.onnx")]) == 2
    assert "no folder" in capsys.readouterr().err


def test_help_needs_no_numerics():
    code = (
        "import sys; from eit_rt.cli import main\n"
        "try: main(['build-model', '--help'])\n"
        "except SystemExit: pass\n"
        "print(*sys.modules, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "--noise-figure" in done.stdout
    assert {"numpy", "onnx", "scipy"}.isdisjoint(done.stderr.split())
