"""Tables: what is read, and where a fault is said to be."""

import csv
import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.data.base import DataFault
from studio.data.spec import make

FLOWERS = "length,width,kind\n1,2,rose\n3,4,lily\n5,6,rose\n"


@pytest.fixture
def load(tmp_path):
    def load(content, name="flowers.csv", **options):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return make("csv", path=str(path), **options).load()

    return load


def fault_of(load, content, **options):
    with pytest.raises(DataFault) as caught:
        load(content, **options)
    message = str(caught.value)
    assert "\n" not in message
    return message


def test_a_table_with_names_and_text_classes(load):
    raw = load(FLOWERS)
    assert raw.inputs.tolist() == [[1, 2], [3, 4], [5, 6]]
    assert raw.classes == ("lily", "rose")
    assert raw.targets.tolist() == [1, 0, 1]
    assert raw.features == ("length", "width")


def test_the_target_by_name_or_number_and_ignored_columns(load):
    table = "id,kind,x,y\n7,b,1,2\n8,a,3,4\n"
    for target in ("kind", "2", " kind "):
        raw = load(table, target=target, ignore="id")
        assert raw.features == ("x", "y")
        assert raw.classes == ("a", "b")


@pytest.mark.parametrize("table", ["1,2,a\n3,4,b\n", "1;2;a\n3;4;b\n", "1\t2\ta\n3\t4\tb\n", "1|2|a\r\n3|4|b\r\n"])
def test_separators_and_tables_without_names(load, table):
    raw = load(table)
    assert raw.inputs.tolist() == [[1, 2], [3, 4]]
    assert raw.features == ("column 1", "column 2")


def test_decimal_commas_byte_order_marks_blank_lines_and_quotes(load):
    raw = load('\ufeff"länge";art\n\n"1,5";"a;b"\n2,25;c\n')
    assert raw.inputs.tolist() == [[1.5], [2.25]]
    assert raw.features == ("länge",)
    assert raw.classes == ("a;b", "c")


def test_numbers_are_a_regression(load):
    raw = load("x,price\n1,10.5\n2,20.25\n3,1000\n")
    assert raw.task == "regression"
    assert raw.targets.dtype == np.float32
    assert raw.targets.tolist() == [[10.5], [20.25], [1000]]
    assert "scaled" in raw.notes[0]


def test_a_few_whole_numbers_are_classes_unless_told_otherwise(load):
    table = "x,y\n" + "".join(f"{i},{i % 3}\n" for i in range(12))
    assert load(table).classes == ("0", "1", "2")
    assert load(table, task="regression").task == "regression"
    assert "read as classes" in load(table).notes[0]
    assert load(table, task="classification").notes == ()


def test_two_columns_of_one_name_are_told_apart(load):
    assert load("x,x,y\n1,2,a\n3,4,b\n").features == ("x", "x (2)")


def test_the_header_can_be_decided(load):
    table = "1,2,a\n3,4,b\n"
    assert len(load(table, header="yes").targets) == 1
    assert len(load(table, header="no").targets) == 2


@pytest.mark.parametrize(
    ("content", "options", "parts"),
    [
        (
            FLOWERS + "7,red,lily\n",
            {},
            ["flowers.csv, row 5, column “width”", "“red” is no number", "Ignored"],
        ),
        (FLOWERS + "7,,lily\n", {}, ["row 5, column “width”", "the value is missing"]),
        (FLOWERS + "7,8,\n", {}, ["row 5, column “kind”", "the value is missing"]),
        (FLOWERS + "\n7,NaN,rose\n", {}, ["row 6, column “width”", "the value is missing"]),
        (FLOWERS + "7,inf,rose\n", {}, ["row 5, column “width”", "not finite"]),
        (FLOWERS + "7,1e99,rose\n", {}, ["row 5, column “width”", "too large"]),
        (FLOWERS + "7,8\n", {}, ["row 5", "2 cells where the first row has 3"]),
        (FLOWERS, {"target": "knd"}, ["no column “knd” (Target column)", "did you mean “kind”?"]),
        (FLOWERS, {"target": "9"}, ["no column “9”", "it has “length”, “width”, “kind”"]),
        (FLOWERS, {"ignore": "length, width"}, ["no column to learn from is left"]),
        (FLOWERS, {"ignore": "kind"}, ["no column to learn is left"]),
        (FLOWERS, {"task": "regression"}, ["holds text", "classification"]),
        ("x,y\n1,1.5\n2,2.5\n", {"task": "classification"}, ["holds fractions", "regression"]),
        ("x\n1\n", {}, ["a single column"]),
        ("", {}, ["flowers.csv is empty"]),
        ("\n\n", {}, ["flowers.csv is empty"]),
        ("a,b\n", {"header": "yes"}, ["no complete row"]),
        (b"x,y\n1,\xff\xfe\n", {}, ["no UTF-8 text", "CSV UTF-8"]),
        (b"\xff\xfex\x00,\x00y\x00", {}, ["no UTF-8 text"]),
        ("x,y\n1," + "9" * 200_000 + "\n", {}, ["no sound CSV"]),
        ("x,y\n" + "".join(f"{i},name{i}\n" for i in range(1100)), {}, ["1,100 different classes"]),
        (",".join("a" * 20_001) + "\n", {}, ["more than 20,000 columns"]),
    ],
)
def test_faults_name_the_place_and_the_remedy(load, content, options, parts):
    message = fault_of(load, content, **options)
    for part in parts:
        assert part in message


def test_rows_with_missing_values_can_be_left_out(load):
    raw = load(FLOWERS + "7,,lily\n?,8,lily\n9,9,\n", missing="skip rows")
    assert len(raw.targets) == 3
    assert raw.notes == ("3 rows with missing values are left out.",)


def test_what_is_no_file_is_said(tmp_path):
    for path, part in {
        "": "No CSV file is chosen",
        str(tmp_path): "is a folder",
        str(tmp_path / "no.csv"): "does not exist",
        "a\0b": "choose a CSV file",
        "/dev/zero": "; choose a CSV file",
    }.items():
        with pytest.raises(DataFault) as caught:
            make("csv", path=path).load()
        assert part in str(caught.value)


def test_a_file_over_the_limit_is_not_read(tmp_path, monkeypatch):
    monkeypatch.setattr("studio.data.tables.MOST_FILE", 10)
    (tmp_path / "big.csv").write_text(FLOWERS)
    with pytest.raises(DataFault, match="split it"):
        make("csv", path=str(tmp_path / "big.csv")).load()


def test_loading_reports_and_can_be_ended(tmp_path):
    (tmp_path / "long.csv").write_text("x,y\n" + "1,2.5\n" * 20_000)
    heard = []
    make("csv", path=str(tmp_path / "long.csv")).load(heard.append)
    assert heard == sorted(heard)
    assert all(0 <= share <= 1 for share in heard)

    def end(share):
        raise StopAsyncIteration

    with pytest.raises(StopAsyncIteration):
        make("csv", path=str(tmp_path / "long.csv")).load(end)


numbers = st.floats(-(2.0**99), 2.0**99, width=32)


@settings(max_examples=60)
@given(st.integers(1, 4).flatmap(lambda n: st.lists(st.tuples(*[numbers] * n, st.sampled_from("abc")), min_size=1)))
def test_what_python_writes_is_read_back(load, rows):
    text = io.StringIO()
    csv.writer(text).writerows([[f"f{i}" for i in range(len(rows[0]) - 1)] + ["kind"], *rows])
    raw = load(text.getvalue())
    np.testing.assert_array_equal(raw.inputs, np.array([row[:-1] for row in rows], np.float32))
    assert [raw.classes[k] for k in raw.targets] == [row[-1] for row in rows]


@settings(max_examples=150)
@given(st.one_of(st.binary(max_size=300), st.text("0123456789.,;-eE\"'\n\r\t abN", max_size=300).map(str.encode)))
def test_no_bytes_bring_it_down(load, content):
    try:
        raw = load(content)
    except DataFault as fault:
        assert "\n" not in str(fault)
    else:
        assert np.isfinite(raw.inputs).all()
