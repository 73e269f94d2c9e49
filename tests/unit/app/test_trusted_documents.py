"""Trusted documents are read as Relay, graphql-codegen and Apollo write them, or refused with a reason."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from graphql import parse, validate

from app.console.pages import DOCUMENTS
from app.settings import SettingsError, load_settings
from app.trusted_documents import DocumentNotFound, DocumentRequired, InvalidManifest, load_documents
from schema.root.schema import build_schema

TEXT = "query Name { organization { name } }"
DIGEST = hashlib.sha256(TEXT.encode()).hexdigest()
APOLLO = {
    "format": "apollo-persisted-query-manifest",
    "version": 1,
    "operations": [{"id": "names", "name": "Name", "type": "query", "body": TEXT}],
}


@pytest.mark.parametrize(
    ("name", "content", "document_id"),
    [
        ("relay.json", json.dumps({"names": TEXT}), "names"),
        ("codegen.json", json.dumps({f"sha256:{DIGEST}": TEXT}), f"sha256:{DIGEST}"),
        ("apollo.json", json.dumps(APOLLO), "names"),
        ("names.graphql", TEXT, "names"),
    ],
)
@pytest.mark.parametrize("in_folder", [False, True])
def test_documents_are_found_by_id_and_by_digest(
    tmp_path: Path, name: str, content: str, document_id: str, *, in_folder: bool
) -> None:
    (tmp_path / name).write_text(content)
    documents = load_documents(tmp_path if in_folder else tmp_path / name)
    assert [documents.resolve(None, id_) for id_ in (document_id, DIGEST, f"sha256:{DIGEST}")] == [TEXT] * 3
    with pytest.raises(DocumentNotFound):
        documents.resolve(None, "others")


def test_other_texts_are_refused_only_if_the_server_says_so(tmp_path: Path) -> None:
    (tmp_path / "names.graphql").write_text(TEXT)
    other = "{ viewer { id } }"
    assert load_documents(tmp_path).resolve(other, None) == other
    trusted = load_documents(tmp_path, only=True)
    assert trusted.resolve(TEXT, None) == TEXT
    with pytest.raises(DocumentRequired):
        trusted.resolve(other, "names")


def test_the_console_is_trusted_only_while_it_is_on(tmp_path: Path) -> None:
    (tmp_path / "names.graphql").write_text(TEXT)
    settings = {"trusted_documents": str(tmp_path), "trusted_documents_only": "on"}
    texts = list(json.loads(DOCUMENTS.read_text(encoding="utf-8")).values())
    assert len(texts) > 30
    on, off = (load_settings(**settings, console=console).documents for console in ("on", "off"))
    schema = build_schema()._schema
    for text in texts:
        assert validate(schema, parse(text)) == []
        assert on.resolve(text, None) == text
        with pytest.raises(DocumentRequired):
            off.resolve(text, None)
    assert load_settings(console="on").documents.resolve("{ viewer { id } }", None) == "{ viewer { id } }"


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({}, "has no documents"),
        ({"a.json": "{"}, r"cannot read .*a\.json"),
        ({"a.json": "[]"}, r"a\.json is no manifest"),
        ({"a.json": '{"id": 7}'}, r"a\.json is no manifest of documents: 'id' has no text"),
        ({"a.graphql": TEXT, "b.json": '{"a": "{ viewer { id } }"}'}, r"b\.json has another document with the id 'a'"),
    ],
)
def test_unreadable_documents_are_refused(tmp_path: Path, files: dict[str, str], reason: str) -> None:
    for name, content in files.items():
        (tmp_path / name).write_text(content)
    with pytest.raises(InvalidManifest, match=reason):
        load_documents(tmp_path, only=True)


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"trusted_documents": "missing.json"}, r"^DIALTREE_TRUSTED_DOCUMENTS: cannot read missing\.json"),
        ({"trusted_documents_only": "on"}, r"^DIALTREE_TRUSTED_DOCUMENTS_ONLY: set DIALTREE_TRUSTED_DOCUMENTS"),
    ],
)
def test_wrong_settings_stop_the_server(settings: dict[str, str], reason: str) -> None:
    with pytest.raises(SettingsError, match=reason):
        load_settings(**settings)
