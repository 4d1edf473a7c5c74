"""Settings files: what is read as what, and how each mistake is told."""

from typing import Annotated, Literal

import pytest
from pydantic import Field

from eit_rt.errors import ConfigError
from eit_rt.layout import Layout
from eit_rt.settings import LayoutEntry, Positive, Section, check, parse, read, read_layout


class Ball(Section):
    shape: Literal["ball"]
    radius: Positive


class Box(Section):
    shape: Literal["box"]
    sides: tuple[Positive, Positive]


class Tank(Section):
    depth_m: float = 0.1
    things: tuple[Annotated[Ball | Box, Field(discriminator="shape")], ...] = ()
    gain: float | tuple[float, ...] = 1.0
    per_electrode: dict[int, Positive] = Field(default_factory=dict)
    lid: Ball | None = None


class Sea(Section):
    shape: Literal["sea"]
    salty: bool = True


def told(call, *values):
    with pytest.raises(ConfigError) as caught:
        call(*values)
    return str(caught.value).splitlines()


def tank(text):
    return check(Tank, parse(text, "t.yaml"), "t.yaml")


class TestReading:
    @pytest.mark.parametrize(
        ("text", "value"),
        [
            ("1e-3", 0.001),
            ("-2E+5", -200000.0),
            ("1.5e3", 1500.0),
            (".inf", float("inf")),
            ("2026-02-30", "2026-02-30"),
            ("'1e3'", "1e3"),
            ("e3", "e3"),
        ],
    )
    def test_values_are_what_people_mean(self, text, value):
        assert parse(f"a: {text}", "x") == {"a": value}

    def test_an_empty_file_says_nothing(self, tmp_path):
        (tmp_path / "a.yaml").write_text("# nothing yet\n")
        assert read(tmp_path / "a.yaml") == {}

    def test_merged_keys_are_no_double_keys(self):
        text = "base: &base {a: 1, b: 2}\nmine: {<<: *base, b: 3}\n"
        assert parse(text, "x")["mine"] == {"a": 1, "b": 3}

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("name: [1, 2\nmade: x\n", "x: line 2, column 5: not YAML: "),
            ("name: a\nname: b\n", "x: line 2, column 1: not YAML: key 'name' is given twice"),
            ("a: {5: 1, '5': 2}\n", "x: line 1, column 11: not YAML: key '5' is given twice"),
            ("on: a\n", "x: line 1, column 1: not YAML: key True is not a word"),
            ("[a]: b\n", "key ['a'] is not a word"),
            ("\tname: a\n", "x: line 1, column 1: not YAML: "),
            ("a: \x00\n", "x: not YAML: unacceptable character"),
            ("a: !!timestamp 2026-02-30\n", "x: not YAML: day is out of range"),
            ("a: " + "[" * 9999, "x: not YAML: "),
            ("a: &a {b: *a}\n", "recursive"),
            ("a: !!python/object/apply:os.getcwd []\n", "x: line 1, column 4: not YAML: "),
            ("- a\n", "x: expected `key: value` lines, got list"),
            ("just words", "x: expected `key: value` lines, got str"),
        ],
    )
    def test_what_is_no_yaml_is_told_with_its_place(self, text, message):
        (line,) = told(parse, text, "x")
        assert message in line

    @pytest.mark.parametrize("name", ["absent.yaml", "", "bytes.yaml"])
    def test_a_file_that_is_no_text_is_told(self, tmp_path, name):
        (tmp_path / "bytes.yaml").write_bytes(b"\xff\xfe\x00")
        (line,) = told(read, tmp_path / name)
        assert line.startswith(f"{tmp_path / name}: cannot be read (")
        assert line.endswith("expected a text file in YAML")


class TestChecking:
    def test_lists_become_tuples_and_whole_numbers_numbers(self):
        made = tank("depth_m: 1\nthings: [{shape: box, sides: [1, 2e0]}]\nper_electrode: {5: 3}\n")
        assert (made.depth_m, made.per_electrode) == (1.0, {5: 3.0})
        assert made.things == (Box(shape="box", sides=(1.0, 2.0)),)

    @pytest.mark.parametrize(
        ("text", "line"),
        [
            ("depth_m: '1'", 'depth_m: should be a valid number, got "1"'),
            ("depth_m: true", "depth_m: should be a valid number, got true"),
            ("depth_m: .nan", "depth_m: should be a finite number, got NaN"),
            ("depth_m: 2026-02-30", 'depth_m: should be a valid number, got "2026-02-30"'),
            ("gain: [1, x]", 'gain.1: should be a valid number, got "x"'),
            ("per_electrode: {5: 0}", "per_electrode.5: should be greater than 0, got 0"),
            ("per_electrode: {x: 1}", "per_electrode.x: should be a valid integer, unable to parse"),
            ("depth_m: !!binary /w==", 'depth_m: should be a valid number, got "_w=="'),
            ("lid: {shape: ball}", "lid.radius: is missing"),
            ("lid: 3", "lid: should be `key: value` lines, got 3"),
            ("things: ball", 'things: should be a list, got "ball"'),
            ("per_electrode: [1]", "per_electrode: should be `key: value` lines, got [1]"),
            ("things: [ball]", 'things.0: should be `key: value` lines, got "ball"'),
            ("things: [{}]", "things.0.shape: is missing"),
            ("things: [{shape: bal}]", "things.0.shape: should be one of 'ball', 'box', got \"bal\""),
            ("things: [{shape: box, sides: [1, -1]}]", "things.0.sides.1: should be greater than 0, got -1"),
            ("things: [{shape: box, sides: [1]}]", "things.0.sides.1: is missing"),
            ("depth: 1", "depth: unknown key; did you mean 'depth_m'?"),
            ("1: 1", "1: unknown key; expected one of depth_m, gain, lid, per_electrode, things"),
            ("lid: {shape: ball, radius: 1, x: 1}", "lid.x: unknown key; expected one of radius, shape"),
            ("things: [{shape: box, sides: [1, 1], zz: 1}]", "things.0.zz: unknown key; expected one of shape, sides"),
            ("depth_m: " + "x" * 99, f'depth_m: should be a valid number, got "{"x" * 56}...'),
        ],
    )  # fmt: skip
    def test_a_mistake_is_told_with_its_path(self, text, line):
        (found,) = told(tank, text)
        assert found.startswith(f"t.yaml: {line}")

    def test_all_mistakes_are_told_at_once(self):
        lines = told(tank, "depth: 1\nlid: {shape: ball, radius: x}\nthings: [{shape: ball}, 3]\n")
        paths = {line.split(": ")[1] for line in lines}
        assert paths == {"depth", "lid.radius", "things.0.radius", "things.1"}

    def test_the_whole_file_may_be_one_of_several_kinds(self):
        kind = Annotated[Ball | Sea, Field(discriminator="shape")]
        assert check(kind, {"shape": "sea"}, "x") == Sea(shape="sea")
        assert told(check, kind, {"shape": "sea", "slty": 1}, "x") == [
            "x: slty: unknown key; did you mean 'salty'?"
        ]


class TestLayouts:
    def test_a_ring_and_angles_are_read(self, tmp_path):
        file = tmp_path / "l.yaml"
        file.write_text("n_electrodes: 16\nfirst_deg: 45\nradius_m: 2e-1\n")
        assert read_layout(file) == Layout.ring(16, 45.0, radius_m=0.2)
        file.write_text("angles_deg: [0, 90, 200]\nwidth_deg: 5\n")
        assert read_layout(str(file)) == Layout((0.0, 90.0, 200.0), 5.0, 0.1)
        assert read_layout(None) is None

    def test_an_entry_gives_its_layout_back(self):
        layout = Layout.ring(16, 30.0, "counterclockwise", 0.4, 0.15)
        assert LayoutEntry.of(layout).layout == layout

    @pytest.mark.parametrize(
        ("text", "line"),
        [
            ("n_electrods: 16", "l.yaml: n_electrods: unknown key; did you mean 'n_electrodes'?"),
            ("direction: up\nn_electrodes: 8", "l.yaml: direction: should be 'clockwise' or"),
            ("n_electrodes: 2", "l.yaml: a layout needs at least 3 electrodes, got 2"),
            ("", "l.yaml: not a layout: "),
        ],
    )
    def test_a_mistake_is_told_with_the_file(self, tmp_path, text, line):
        (tmp_path / "l.yaml").write_text(text)
        (found,) = told(read_layout, tmp_path / "l.yaml")
        assert line in found
