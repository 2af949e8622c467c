"""What is written is what docs/formats says (LAW-7: readable without this software)."""

import io
import json
import zipfile
from pathlib import Path

import jsonschema
import pytest

from ledger import archive

from .test_verify import Book, file_of, two_days

FORMATS = Path(__file__).parents[3] / "docs" / "formats"
SCHEMA = json.loads((FORMATS / "journal.schema.json").read_text())
__all__ = ["two_days"]  # the fixture


@pytest.fixture
def book(till_key):
    return lambda: Book(till_key)


def lines_of(path: Path) -> list[dict]:
    with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as folder:
        assert folder.namelist() == [archive.MEMBER]
        return [json.loads(line) for line in folder.read(archive.MEMBER).splitlines()]


def test_every_line_of_an_archive_is_of_the_published_schema(tmp_path, two_days):
    line, sealed = (jsonschema.Draft202012Validator({**SCHEMA, **part}) for part in ({}, sealed_part()))
    written = lines_of(file_of(tmp_path, two_days, context=two_days.entries[5:6]))
    assert [next(iter(each)) for each in written] == ["header", "before", *["entry"] * 13, "receipt", "seal"]
    for each in written:
        line.validate(each)
        if "entry" in each:
            sealed.validate(json.loads(each["entry"]))


def test_the_schema_refuses_what_the_format_does_not_have(tmp_path, two_days):
    header = lines_of(file_of(tmp_path, two_days))[0]
    header["header"]["note"] = "added"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(SCHEMA).validate(header)
    closing = json.loads(two_days.entries[5].bytes)
    del closing["body"]["perpetual"]
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator({**SCHEMA, **sealed_part()}).validate(closing)


def sealed_part() -> dict:
    """Of the schema, the part that describes what an entry's text holds."""
    return {"oneOf": [{"$ref": "#/$defs/sealed"}]}
