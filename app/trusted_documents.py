"""Trusted documents: operations that front ends registered when they were built, and send by id instead of as text."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from domain.errors import RequestFailed

_DIGEST_PREFIX = "sha256:"


class InvalidManifest(ValueError):
    """A file of trusted documents cannot be read; the message says which one and why."""


class DocumentNotFound(RequestFailed):
    """No trusted document has the id."""

    code = "PERSISTED_QUERY_NOT_FOUND"

    def __init__(self) -> None:
        super().__init__("No trusted document has this id. Deploy the server's documents before the front end.")


class NoDocuments(RequestFailed):
    """The server has no trusted documents at all."""

    code = "PERSISTED_QUERY_NOT_SUPPORTED"

    def __init__(self) -> None:
        super().__init__("This server has no trusted documents: send `query`.")


class DocumentRequired(RequestFailed):
    """The server runs trusted documents only."""

    code = "TRUSTED_DOCUMENT_REQUIRED"

    def __init__(self) -> None:
        super().__init__("This server runs trusted documents only: send `documentId` instead of `query`.")


class TrustedDocuments:
    """Documents by id; each one also has the SHA-256 digest of its text as an id."""

    def __init__(self, documents: Mapping[str, str], *, only: bool = False) -> None:
        """Take documents by id; with `only`, no others are run."""
        self._only = only
        digests = {hashlib.sha256(text.encode()).hexdigest(): text for text in documents.values()}
        self._documents = digests | dict(documents)

    def resolve(self, text: str | None, document_id: str | None) -> str:
        """Return the text to run: the one that was sent if it may be run, or that of the document with the id.

        Raises DocumentRequired, DocumentNotFound and NoDocuments.
        """
        if text is None:
            return self._find(document_id or "")
        if self._only and hashlib.sha256(text.encode()).hexdigest() not in self._documents:
            raise DocumentRequired
        return text

    def _find(self, document_id: str) -> str:
        if not self._documents:
            raise NoDocuments
        text = self._documents.get(document_id.removeprefix(_DIGEST_PREFIX))
        if text is None:
            raise DocumentNotFound
        return text


def load_documents(*paths: Path, only: bool = False) -> TrustedDocuments:
    """Read manifests, and every manifest and `.graphql` file in folders. Raises InvalidManifest.

    A manifest is what Relay and graphql-codegen write (an object of texts by id) or Apollo (a list of `operations`). A
    `.graphql` file has its name without the ending as its id.
    """
    documents: dict[str, str] = {}
    for path in paths:
        found = [(file, id_, text) for file in _files(path) for id_, text in _read(file)]
        if not found:
            raise InvalidManifest(f"{path} has no documents")
        for file, id_, text in found:
            if documents.setdefault(id_, text) != text:
                raise InvalidManifest(f"{file} has another document with the id {id_!r}")
    return TrustedDocuments(documents, only=only)


def _files(path: Path) -> list[Path]:
    files = sorted(path.glob("**/*")) if path.is_dir() else [path]
    return [file for file in files if file.suffix in {".graphql", ".gql", ".json"}]


def _read(file: Path) -> Iterator[tuple[str, str]]:
    try:
        content = file.read_text(encoding="utf-8")
        if file.suffix != ".json":
            yield file.stem, content
            return
        manifest = json.loads(content)
    except (OSError, ValueError) as error:
        raise InvalidManifest(f"cannot read {file}: {error}") from None
    for id_, text in _entries(manifest):
        if not (isinstance(id_, str) and id_ and isinstance(text, str) and text.strip()):
            raise InvalidManifest(f"{file} is no manifest of documents: {id_!r} has no text")
        yield id_.removeprefix(_DIGEST_PREFIX), text


def _entries(manifest: Any) -> Iterator[tuple[Any, Any]]:
    if isinstance(manifest, dict) and isinstance(operations := manifest.get("operations"), list):
        yield from ((entry.get("id"), entry.get("body")) for entry in operations if isinstance(entry, dict))
    elif isinstance(manifest, dict):
        yield from manifest.items()
    else:
        yield None, None
