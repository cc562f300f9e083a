"""Rows of SQL tables in all the shapes that people have them in, and JSON with its places."""

from __future__ import annotations

import json

import pytest
from growth import assert_linear_reading
from hypothesis import given, settings
from hypothesis import strategies as st

from mockregistrar.trunks import json_records, sql_rows
from mockregistrar.trunks.form_fields import Piece
from mockregistrar.trunks.json_records import NoJson
from mockregistrar.trunks.sql_rows import Schema, Table

SCHEMA = Schema([Table("people", ("id", "Name", "town", "age"), frozenset(["Name"]), (("id", "Name", "age"),))])

SHAPES = {
    "values": ("INSERT INTO people VALUES (1,'Al','Ulm',7);", "statements"),
    "quoted names": (
        "insert into `x`.`people` (`id`, `Name`, `town`, `age`) values\n (1, 'Al', \"Ulm\", 7);",
        "statements",
    ),
    "postgres names": (
        'INSERT INTO public."people" ("id", "Name", "town", "age") VALUES (1, E\'Al\', \'Ulm\', 7);',
        "statements",
    ),
    "set": ("REPLACE INTO people SET id=1, Name='Al', town = 'Ulm', age=7;", "statements"),
    "select": (
        "INSERT INTO people (id, Name, town, age)\nSELECT 1, 'Al', 'Ulm', 7\nWHERE NOT EXISTS (SELECT 1);",
        "statements",
    ),
    "comments": ("INSERT INTO people VALUES (1, -- the id\n 'Al', /* his, name */ 'Ulm', 7 -- end\n);", "statements"),
    "create": (
        "CREATE TABLE people (id INT, town TEXT, `Name` TEXT, age INT);\nINSERT INTO people VALUES (1,'Ulm','Al',7);",
        "statements",
    ),
    "copy": ('COPY public.people (id, "Name", town, age) FROM stdin;\n1\tAl\tUlm\t7\n\\.\n', "statements"),
    "batch": ("mysql: [Warning] x\nid\tName\ttown\tage\n1\tAl\tUlm\t7\n", "batch"),
    "vertical": (
        "************* 1. row *************\n  id: 1\nName: Al\ntown: Ulm\n age: 7\n1 row in set (0.00 sec)\n",
        "vertical",
    ),
    "expanded": ("-[ RECORD 1 ]\nid   | 1\nName | Al\ntown | Ulm\nage  | 7\n", "vertical"),
    "drawn": (
        "+----+------+\n| id | Name | town | age |\n+----+------+\n|  1 | Al   | Ulm  |   7 |\n+----+\n1 row in set\n",
        "bars",
    ),
    "psql": (" id | Name | town | age \n----+------+------+-----\n  1 | Al   | Ulm  |   7\n(1 row)\n", "bars"),
    "plain bars": ("id|Name|town|age\n1|Al|Ulm|7\n", "bars"),
}


def plain(row: sql_rows.Row) -> dict[str, str]:
    return {name: "\n".join(piece.text for piece in lines) for name, lines in row.fields.items()}


@pytest.mark.parametrize("shape", SHAPES)
def test_a_row_in_every_shape(shape):
    text, kind = SHAPES[shape]
    assert SCHEMA.shape(text) == kind
    rows = sql_rows.read(text, SCHEMA)
    assert [plain(row) for row in rows] == [{"id": "1", "name": "Al", "town": "Ulm", "age": "7"}]
    lines = text.split("\n")
    for pieces in rows[0].fields.values():
        for piece in pieces:
            span = piece.span
            assert lines[span.line - 1][span.column - 1 : span.end - 1] == piece.text


def test_a_row_of_an_older_table_and_several_rows():
    rows = sql_rows.read(
        "INSERT INTO people VALUES (1,'Al',7), (2,'Bo',8);\nINSERT INTO people VALUES (3,'Cy',9);", SCHEMA
    )
    assert [plain(row) for row in rows] == [
        {"id": n, "name": name, "age": age} for n, name, age in (("1", "Al", "7"), ("2", "Bo", "8"), ("3", "Cy", "9"))
    ]


def test_escapes_are_the_databases_own():
    assert plain(sql_rows.read(r"INSERT INTO people VALUES (1,'a\'b''c\\d\n','',NULL);", SCHEMA)[0]) == {
        "id": "1",
        "name": "a'b'c\\d\n",
        "town": "",
        "age": "",
    }
    dump = "SET standard_conforming_strings = on;\nINSERT INTO people VALUES (1,'a''b\\n','',E'\\\\');"
    assert plain(sql_rows.read(dump, SCHEMA)[0]) == {"id": "1", "name": "a'b\\n", "town": "", "age": "\\"}


def test_null_is_no_empty_string():
    row = sql_rows.read("INSERT INTO people VALUES (1,'',NULL,0);", SCHEMA)[0]
    assert row.fields["town"] == []
    assert [piece.text for piece in row.fields["name"]] == [""]
    row = sql_rows.read("id\tName\ttown\n1\t\tNULL\n", SCHEMA)[0]
    assert row.fields["town"] == []


def test_expressions_are_not_settled_and_mismatches_are_counted():
    row = sql_rows.read("INSERT INTO people (id, Name, twon) VALUES (UUID(), ?, 'Ulm', 7)", SCHEMA)[0]
    assert row.unsettled == {"id", "name"}
    assert row.counts == (3, 4)
    assert [piece.text for piece in row.unknown] == ["twon"]
    assert row.inserted


def test_other_tables_are_left_alone():
    assert SCHEMA.shape("INSERT INTO peoples VALUES (1)") == ""
    assert SCHEMA.shape("id\ttown\n1\tUlm\n") == ""
    assert sql_rows.read("INSERT INTO people_old VALUES (1)", SCHEMA) == []


@given(st.text(st.characters(exclude_characters="\r", exclude_categories=["Cs"]), max_size=20))
@settings(max_examples=200)
def test_what_is_quoted_is_read_back(text):
    written = sql_rows.statement("people", {"id": 1, "Name": text, "town": None})
    row = sql_rows.read(written, SCHEMA)[0]
    assert plain(row)["name"] == text
    assert row.fields["town"] == []


@given(st.text(alphabet="INSERT O`peol(),'\"\\;|*:.-+=\t\nNameid1 rw", max_size=120))
@settings(max_examples=200)
def test_no_text_makes_it_raise(text):
    for start in ("", "INSERT INTO people VALUES (", "id\tName\n", "|id|Name|\n", "-[ RECORD 1 ]\nName: "):
        sql_rows.read(start + text, SCHEMA)
        SCHEMA.shape(start + text)


@pytest.mark.parametrize(
    "unit", ["(", "'", "\\", "/*", "INSERT INTO people (", "INSERT INTO people VALUES (f(", "|", "-- ", "\t"]
)
def test_time_is_linear(unit):
    frames = ("{}", "INSERT INTO people VALUES ({}", "id\tName\n{}", "|id|Name|\n{}")
    assert_linear_reading(lambda text: sql_rows.read(text, SCHEMA), unit, frames, small=2000)


def test_objects_of_json_wherever_they_are():
    text = (
        '{"a": [{"n\\u00e4me": "x\\ny\\"", "list": [1, "two", null]}, {"deep": {"yes": true, "none": null}}], "n": 3}'
    )
    found = json_records.read(text)
    assert not isinstance(found, NoJson)
    assert [sorted(each.names) for each in found] == [["a", "n"], ["list", "näme"], ["deep"], ["none", "yes"]]
    assert found[1].members["näme"][0] == Piece("x", 1, 23, (23, 24))
    assert [piece.text for piece in found[1].members["näme"]] == ["x", 'y"']
    assert [[piece.text for piece in value] for value in found[1].lists["list"]] == [["1"], ["two"], []]
    assert found[3].members["none"] == []
    assert found[0].members["n"][0].span.column == text.index("3}") + 1


def test_what_is_no_json_is_told_with_its_place():
    assert json_records.read('{"a": 1,\n "b" 2}') == NoJson("Expecting ':' delimiter", 2, 6)
    assert isinstance(json_records.read("[" * 20_000), NoJson)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    )
)
def test_any_json_is_gone_through(value):
    for ascii_only in (True, False):
        found = json_records.read(json.dumps(value, ensure_ascii=ascii_only))
        assert not isinstance(found, NoJson)
        texts = [{name: "\n".join(p.text for p in lines) for name, lines in each.members.items()} for each in found]
        if isinstance(value, dict):
            assert {k: v for k, v in texts[0].items() if isinstance(value[k], str)} == {
                k: v for k, v in value.items() if isinstance(v, str)
            }
