"""The floors of the house: imports only ever point down."""

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

HOUSE = Path(__file__).parents[2]
ROOMS = ("app", "schema", "execution", "resolvers", "mail", "db", "domain")
BUILT = tuple(room for room in ROOMS if (HOUSE / room / "__init__.py").exists())


def lint_imports(house: Path) -> subprocess.CompletedProcess[str]:
    # It looks for packages in the working directory first: a copy is judged, not the original.
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    return subprocess.run(command, cwd=house, capture_output=True, text=True, check=False)


@pytest.fixture
def copied_house(tmp_path: Path) -> Path:
    shutil.copy(HOUSE / "pyproject.toml", tmp_path)
    for room in BUILT:
        shutil.copytree(HOUSE / room, tmp_path / room, ignore=shutil.ignore_patterns("console"))
    return tmp_path


def test_the_floors_hold() -> None:
    result = lint_imports(HOUSE)
    assert result.returncode == 0, result.stdout + result.stderr


def test_every_room_that_is_built_is_watched() -> None:
    settings = tomllib.loads((HOUSE / "pyproject.toml").read_text())
    assert set(settings["tool"]["importlinter"]["root_packages"]) == set(BUILT)


@pytest.mark.parametrize(
    ("room", "above"),
    [(room, above) for floor, room in enumerate(ROOMS) for above in ROOMS[:floor] if room in BUILT and above in BUILT],
)
def test_an_import_from_a_floor_above_is_caught(copied_house: Path, room: str, above: str) -> None:
    (copied_house / room / "planted.py").write_text(f"import {above}\n")
    result = lint_imports(copied_house)
    assert result.returncode == 1, result.stdout + result.stderr
    assert f"{room}.planted -> {above} (l.1)" in result.stdout


@pytest.mark.parametrize(
    ("room", "framework"),
    [
        (room, framework)
        for room, frameworks in {
            "domain": ("sqlalchemy", "sqlmodel", "asyncpg", "strawberry", "starlette"),
            "db": ("strawberry", "starlette"),
            "resolvers": ("strawberry", "starlette"),
            "schema": ("sqlalchemy", "sqlmodel", "starlette"),
        }.items()
        for framework in frameworks
    ],
)
def test_a_framework_on_the_wrong_floor_is_caught(copied_house: Path, room: str, framework: str) -> None:
    (copied_house / room / "planted.py").write_text(f"import {framework}\n")
    result = lint_imports(copied_house)
    assert result.returncode == 1, result.stdout + result.stderr
    assert f"{room}.planted -> {framework} (l.1)" in result.stdout


@pytest.mark.parametrize(
    ("planted", "imported"),
    [
        ("schema/core/planted.py", "schema.numbers.types"),
        ("schema/organizations/planted.py", "schema.numbers.inputs"),
        ("schema/users/planted.py", "schema.access.types"),
        ("schema/numbers/inputs.py", "schema.users.types"),
        ("schema/users/types.py", "schema.root.schema"),
    ],
)
def test_an_import_against_the_order_of_the_nouns_is_caught(copied_house: Path, planted: str, imported: str) -> None:
    with (copied_house / planted).open("a") as module:
        module.write(f"\nimport {imported}\n")
    result = lint_imports(copied_house)
    assert result.returncode == 1, result.stdout + result.stderr
    assert f"{planted.removesuffix('.py').replace('/', '.')} -> {imported}" in result.stdout


@pytest.mark.parametrize(
    ("noun", "above"),
    [("core", "numbers"), ("numbers", "organizations"), ("access", "users"), ("users", "imports"), ("mail", "users")],
)
def test_an_import_against_the_order_of_the_resolver_nouns_is_caught(copied_house: Path, noun: str, above: str) -> None:
    (copied_house / "resolvers" / noun / "planted.py").write_text(f"import resolvers.{above}\n")
    result = lint_imports(copied_house)
    assert result.returncode == 1, result.stdout + result.stderr
    assert f"resolvers.{noun}.planted -> resolvers.{above} (l.1)" in result.stdout
