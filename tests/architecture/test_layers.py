"""Imports only point down, between layers and between nouns."""

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
LAYERS = ("app", "schema", "execution", "resolvers", "mail", "db", "domain")
BUILT = tuple(package for package in LAYERS if (REPOSITORY / package / "__init__.py").exists())


def lint_imports(repository: Path) -> subprocess.CompletedProcess[str]:
    # It looks for packages in the working directory first: a copy is judged, not the original.
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    return subprocess.run(command, cwd=repository, capture_output=True, text=True, check=False)


@pytest.fixture
def copied_repository(tmp_path: Path) -> Path:
    shutil.copy(REPOSITORY / "pyproject.toml", tmp_path)
    for package in BUILT:
        shutil.copytree(REPOSITORY / package, tmp_path / package, ignore=shutil.ignore_patterns("static", "source"))
    return tmp_path


def test_imports_follow_the_layers() -> None:
    result = lint_imports(REPOSITORY)
    assert result.returncode == 0, result.stdout + result.stderr


def test_every_package_is_checked() -> None:
    settings = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())
    assert set(settings["tool"]["importlinter"]["root_packages"]) == set(BUILT)


@pytest.mark.parametrize(
    ("package", "above"),
    [
        (package, above)
        for index, package in enumerate(LAYERS)
        for above in LAYERS[:index]
        if package in BUILT and above in BUILT
    ],
)
def test_an_import_from_a_layer_above_is_caught(copied_repository: Path, package: str, above: str) -> None:
    (copied_repository / package / "planted.py").write_text(f"import {above}\n")
    result = lint_imports(copied_repository)
    assert result.returncode == 1, result.stdout + result.stderr
    assert f"{package}.planted -> {above} (l.1)" in result.stdout


@pytest.mark.parametrize(
    ("package", "framework"),
    [
        (package, framework)
        for package, frameworks in {
            "domain": ("sqlalchemy", "sqlmodel", "asyncpg", "strawberry", "starlette"),
            "db": ("strawberry", "starlette"),
            "resolvers": ("strawberry", "starlette"),
            "schema": ("sqlalchemy", "sqlmodel", "starlette"),
        }.items()
        for framework in frameworks
    ],
)
def test_a_framework_on_the_wrong_layer_is_caught(copied_repository: Path, package: str, framework: str) -> None:
    (copied_repository / package / "planted.py").write_text(f"import {framework}\n")
    result = lint_imports(copied_repository)
    assert result.returncode == 1, result.stdout + result.stderr
    assert f"{package}.planted -> {framework} (l.1)" in result.stdout


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
def test_an_import_against_the_order_of_the_schema_nouns_is_caught(
    copied_repository: Path, planted: str, imported: str
) -> None:
    with (copied_repository / planted).open("a") as module:
        module.write(f"\nimport {imported}\n")
    result = lint_imports(copied_repository)
    assert result.returncode == 1, result.stdout + result.stderr
    assert f"{planted.removesuffix('.py').replace('/', '.')} -> {imported}" in result.stdout


@pytest.mark.parametrize(
    ("layer", "noun", "above"),
    [
        ("resolvers", "core", "numbers"),
        ("resolvers", "numbers", "organizations"),
        ("resolvers", "access", "users"),
        ("resolvers", "users", "imports"),
        ("resolvers", "mail", "users"),
        ("db", "core", "numbers"),
        ("db", "history", "numbers"),
        ("db", "users", "numbers"),
        ("db", "organizations", "access"),
        ("db", "utilization", "history"),
    ],
)
def test_an_import_of_a_noun_above_is_caught(copied_repository: Path, layer: str, noun: str, above: str) -> None:
    (copied_repository / layer / noun / "planted.py").write_text(f"import {layer}.{above}\n")
    result = lint_imports(copied_repository)
    assert result.returncode == 1, result.stdout + result.stderr
    assert f"{layer}.{noun}.planted -> {layer}.{above} (l.1)" in result.stdout
