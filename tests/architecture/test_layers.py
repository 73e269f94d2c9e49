"""Imports only point down, between layers and between nouns."""

import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
LAYERS = ("app", "schema", "execution", "resolvers", "mail", "db", "domain")
BUILT = tuple(package for package in LAYERS if (REPOSITORY / package / "__init__.py").exists())


def lint_imports(repository: Path) -> subprocess.CompletedProcess[str]:
    # It looks for packages in the working directory first: a copy is judged, not the original.
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    return subprocess.run(command, cwd=repository, capture_output=True, text=True, check=False)


LAYERS_ABOVE = [
    (package, above)
    for index, package in enumerate(LAYERS)
    for above in LAYERS[:index]
    if package in BUILT and above in BUILT
]
FRAMEWORKS = [
    (package, framework)
    for package, frameworks in {
        "domain": ("sqlalchemy", "sqlmodel", "asyncpg", "strawberry", "starlette"),
        "db": ("strawberry", "starlette"),
        "resolvers": ("strawberry", "starlette"),
        "schema": ("sqlalchemy", "sqlmodel", "starlette"),
    }.items()
    for framework in frameworks
]
SCHEMA_NOUNS = [
    ("schema.core.planted", "schema.numbers.types"),
    ("schema.organizations.planted", "schema.numbers.inputs"),
    ("schema.users.planted", "schema.access.types"),
    ("schema.numbers.inputs", "schema.users.types"),
    ("schema.users.types", "schema.root.schema"),
]
NOUNS_ABOVE = [
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
]


def _planted() -> Iterator[tuple[str, str]]:
    """The modules with a wrong import, each with what it imports."""
    for package, imported in LAYERS_ABOVE + FRAMEWORKS:
        yield f"{package}.planted_{imported}", imported
    yield from SCHEMA_NOUNS
    for layer, noun, above in NOUNS_ABOVE:
        yield f"{layer}.{noun}.planted", f"{layer}.{above}"


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What is reported of a copy of the code with all the wrong imports, each of which must be found."""
    copy = tmp_path_factory.mktemp("copy")
    shutil.copy(REPOSITORY / "pyproject.toml", copy)
    for package in BUILT:
        shutil.copytree(REPOSITORY / package, copy / package, ignore=shutil.ignore_patterns("static", "source"))
    for module, imported in _planted():
        with (copy / f"{module.replace('.', '/')}.py").open("a") as file:
            file.write(f"\nimport {imported}\n")
    result = lint_imports(copy)
    assert result.returncode == 1, result.stdout + result.stderr
    return result.stdout


def test_imports_follow_the_layers() -> None:
    result = lint_imports(REPOSITORY)
    assert result.returncode == 0, result.stdout + result.stderr


def test_every_package_is_checked() -> None:
    settings = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())
    assert set(settings["tool"]["importlinter"]["root_packages"]) == set(BUILT)


@pytest.mark.parametrize(("package", "above"), LAYERS_ABOVE)
def test_an_import_from_a_layer_above_is_caught(report: str, package: str, above: str) -> None:
    assert f"{package}.planted_{above} -> {above} (l.2)" in report


@pytest.mark.parametrize(("package", "framework"), FRAMEWORKS)
def test_a_framework_on_the_wrong_layer_is_caught(report: str, package: str, framework: str) -> None:
    assert f"{package}.planted_{framework} -> {framework} (l.2)" in report


@pytest.mark.parametrize(("module", "imported"), SCHEMA_NOUNS)
def test_an_import_against_the_order_of_the_schema_nouns_is_caught(report: str, module: str, imported: str) -> None:
    assert f"{module} -> {imported}" in report


@pytest.mark.parametrize(("layer", "noun", "above"), NOUNS_ABOVE)
def test_an_import_of_a_noun_above_is_caught(report: str, layer: str, noun: str, above: str) -> None:
    assert f"{layer}.{noun}.planted -> {layer}.{above} (l.2)" in report
