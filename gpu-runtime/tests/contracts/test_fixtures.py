"""The contract fixtures mean the same to Python as to TypeScript."""

import json
import re
from pathlib import Path

import jsonschema
import pytest

CONTRACTS = Path(__file__).parents[3] / "libs" / "contracts"
FIXTURES = sorted((CONTRACTS / "fixtures").glob("*.json"))


def schema_of(fixture: Path) -> dict:
    name = re.sub(r"\.[^.]+\.json$", "", fixture.name)
    path = CONTRACTS / "schemas" / f"{name}.json"
    return json.loads(path.read_text())


def test_there_are_fixtures() -> None:
    assert len(FIXTURES) >= 20


@pytest.mark.parametrize("fixture", FIXTURES, ids=lambda path: path.name)
def test_fixture_is_what_the_published_schema_says(fixture: Path) -> None:
    jsonschema.Draft202012Validator(schema_of(fixture)).validate(json.loads(fixture.read_text()))


@pytest.mark.parametrize("fixture", FIXTURES, ids=lambda path: path.name)
def test_fixture_of_a_later_version_is_refused(fixture: Path) -> None:
    value = json.loads(fixture.read_text())
    if "schemaVersion" not in value:
        value["id"] = None
    else:
        value["schemaVersion"] = 2
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(schema_of(fixture)).validate(value)
