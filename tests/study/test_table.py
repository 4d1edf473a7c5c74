"""Tables: what is written is what is read, and rows are found again."""

import numpy as np
import pytest

from eit_rt.errors import ConfigError
from eit_rt.study.table import Table

ROWS = [
    {"name": "tanh", "N": 4, "error": 0.25},
    {"name": "relu", "N": 4, "error": 1 / 3},
    {"name": "relu", "N": 16, "error": 1.5e-9},
]


def test_numbers_and_names_come_back_from_the_file(tmp_path):
    Table.of(ROWS).write(tmp_path / "t.csv")
    read = Table.read(tmp_path / "t.csv")
    assert read.names == ["name", "N", "error"]
    assert read["name"].tolist() == ["tanh", "relu", "relu"]
    assert read["error"].tolist() == pytest.approx([0.25, 1 / 3, 1.5e-9], rel=1e-6)
    assert (tmp_path / "t.csv").read_text().startswith("name,N,error\ntanh,4,0.25\n")


def test_a_table_in_memory_holds_the_numbers_of_its_file(tmp_path):
    table = Table.of([{"x": np.pi}, {"x": np.e}])
    table.write(tmp_path / "t.csv")
    assert np.array_equal(table["x"], Table.read(tmp_path / "t.csv")["x"])


def test_rows_are_chosen_by_value():
    table = Table.of(ROWS)
    assert len(table.where(name="relu")) == 2
    assert table.where(name="relu", N=16)["error"].tolist() == [1.5e-9]
    assert len(table.where(error=1 / 3)) == 1, "a number that was rounded in the file is found"
    assert len(table.where(name="sine")) == 0


def test_groups_keep_the_order_of_the_rows():
    groups = [(key, len(rows)) for key, rows in Table.of(ROWS).groups("N")]
    assert groups == [((4.0,), 2), ((16.0,), 1)]


def test_rows_are_sorted_by_names_in_their_order():
    table = Table.of(ROWS).sorted_by("name", "error")
    assert table["error"].tolist() == pytest.approx([1.5e-9, 1 / 3, 0.25], rel=1e-6)


def test_infinity_and_nan_come_back(tmp_path):
    Table.of([{"x": np.inf}, {"x": np.nan}]).write(tmp_path / "t.csv")
    x = Table.read(tmp_path / "t.csv")["x"]
    assert np.isinf(x[0])
    assert np.isnan(x[1])


@pytest.mark.parametrize("content", ["", "a,b\n1\n", "a\n1,2\n"])
def test_what_is_no_table_is_refused(tmp_path, content):
    (tmp_path / "t.csv").write_text(content)
    with pytest.raises(ConfigError, match="not a table"):
        Table.read(tmp_path / "t.csv")


def test_a_missing_file_is_told(tmp_path):
    with pytest.raises(ConfigError, match="cannot be read"):
        Table.read(tmp_path / "none.csv")


def test_rows_with_other_columns_are_refused():
    with pytest.raises(ConfigError, match="columns"):
        Table.of([{"a": 1.0}, {"b": 1.0}])
