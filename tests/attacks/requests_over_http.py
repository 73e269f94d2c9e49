"""Attacks by methods, paths, headers and bodies."""

from __future__ import annotations

import json

from tests.attacks.attack import JSON, Attack, http, posted

TYPENAME = b'{"query": "{ __typename }"}'
MEBIBYTE = 2**20
REFUSED = (400, 413)

METHODS = [
    http(f"method {method[:20]!r}", method, statuses=(400, 405))
    for method in ("PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT", "PROPFIND", "get", "G" * 5_000, "QUERY")
]

PATHS = [
    http(f"path {target[:30]!r}", target=target, statuses=(200, 307, 400, 401, 403, 404, 405, 431))
    for target in (
        "/",
        "//graphql",
        "/graphql/",
        "/graphql/../health/live",
        "/../../etc/passwd",
        "/download/../../etc/passwd?link=x",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/graphql%00",
        "/graphql%2f",
        "/gr\u00e4phql",
        "/%ff%fe",
        "/graphiql",
        "/graphiql/static/../../settings.py",
        "/console/%2e%2e/pages.py",
        "/metrics",
        "/static/%2e%2e%2f%2e%2e%2fpyproject.toml",
        "/graphql?" + "a=1&" * 10_000,
        "/" + "a" * 70_000,
        "/health/live?x=%",
        "*",
        "http://example.com/graphql?query={__typename}",
    )
]

QUERY_STRINGS = [
    http(f"query string {parameters[:80]!r}", target=f"/graphql?{parameters}", statuses=(200, 400, 401, 405))
    for parameters in (
        "query=",
        "query={__typename}&query={b:__typename}",
        "query=%ff%fe",
        "query={__typename}&variables=",
        "query={__typename}&variables=5",
        "query={__typename}&variables=[]",
        "query={__typename}&variables={",
        "query={__typename}&variables=%ff",
        "query={__typename}&variables=%C3%28",
        "query={__typename}&variables=NaN",
        "query={__typename}&extensions=[]",
        "query={__typename}&operationName=%00",
        "query=query+a{__typename}query+b{__typename}",
        "query=query+a{__typename}query+b{__typename}&operationName=c",
        "query=mutation{signOut{userErrors{code}}}",
        "query=subscription{__typename}",
        "variables={}",
        "query={__typename}" + "&a" * 5_000,
        "query=%7B__typename%7D%00",
        "&&&===",
    )
]

HEADERS = [
    posted(f"header {name}: {value[:40]!r}", TYPENAME, headers=[(name, value)], statuses=(200, 400, 401, 403, 415, 431))
    for name, value in (
        ("Authorization", "Bearer"),
        ("Authorization", "Bearer " + "x" * 10_000),
        ("Authorization", "Basic dXNlcjpwYXNz"),
        ("Authorization", b"Bearer \xff\xfe\x00\x80"),
        ("Authorization", "Bearer ' OR 1=1 --"),
        ("Authorization", "bearer\t\tx y z"),
        ("Dialtree-Organization", "x"),
        ("Dialtree-Organization", b"\xff\xff"),
        ("Dialtree-Organization", "T3JnYW5pemF0aW9uOjk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5"),
        ("Dialtree-Organization", "{{ROOT}}"),
        ("Dialtree-Cost", "1" * 100),
        ("Accept", "text/html"),
        ("Accept", "application/graphql-response+json;q=nonsense, */*;q=-1"),
        ("Accept", "," * 5_000),
        ("Accept-Encoding", "gzip;q=1e999, br, *;q="),
        ("Content-Encoding", "gzip"),
        ("Content-Encoding", "br, identity"),
        ("X-Request-Id", "x" * 5_000),
        ("X-Request-Id", b"\xe4\xf6\xfc"),
        ("X-Forwarded-For", "1.2.3.4, ::1, nonsense"),
        ("X-Forwarded-Proto", "javascript"),
        ("Origin", "null"),
        ("Origin", "http://evil.example"),
        ("Cookie", "a=" + "b" * 4_000),
        ("Expect", "100-continue"),
        ("Expect", "200-ok"),
        ("Range", "bytes=0-,5-4,-1"),
        ("If-None-Match", "*"),
        ("Upgrade", "h2c"),
        ("Host", "evil.example"),
        ("Traceparent", "00-00000000000000000000000000000000-0000000000000000-00"),
        ("Traceparent", "ff-" + "a" * 5_000),
        ("Idempotency-Key", "k" * 5_000),
        ("Content-Length", "5"),
        ("Transfer-Encoding", "chunked"),
        ("Transfer-Encoding", "gzip, chunked"),
        ("Empty", ""),
        ("X-Large", "x" * 70_000),
        ("X Space", "x"),
        ("X-Null", b"a\x00b"),
        ("X-Fold", "a\r\n b"),
    )
]

CONTENT_TYPES = [
    posted(f"content type {name[:40]!r}", TYPENAME, content_type=name, statuses=(200, 400, 415))
    for name in (
        "",
        "text/plain",
        "multipart/form-data; boundary=x",
        "multipart/form-data",
        "application/x-www-form-urlencoded",
        "application/graphql",
        "xapplication/json",
        "application/jsonx",
        "application/json; charset=utf-16",
        "application/json;" * 1_000,
        "application/json; charset=\x00",
        "APPLICATION/JSON ; charset=UTF-8",
    )
]


def _deep(levels: int, begin: str = "[", end: str = "]") -> bytes:
    return (begin * levels + "1" * (begin != "[") + end * levels).encode()


_ODD_VALUES = ("5", "-1", "1.5", "true", "null", '""', '"x"', "[]", "[[]]", "{}", '{"a": {}}', "9" * 5_000, '"\\u0000"')

WRONG_TYPES = [
    posted(f"{key} is {value[:12]}", f'{{"query": "{{ __typename }}", "{key}": {value}}}'.encode(), statuses=(200, 400))
    for key in ("query", "variables", "operationName", "extensions")
    for value in _ODD_VALUES
]

BODIES = [
    posted(f"body {name}", body, statuses=(200, *REFUSED))
    for name, body in {
        "empty": b"",
        "blank": b" \r\n\t",
        "number": b"5",
        "null": b"null",
        "text": b'"{ __typename }"',
        "empty object": b"{}",
        "empty list": b"[]",
        "batch": b"[" + TYPENAME + b"," + TYPENAME + b"]",
        "NaN": b'{"query": "{ __typename }", "variables": {"a": NaN}}',
        "Infinity": b'{"query": "{ __typename }", "variables": {"a": -Infinity}}',
        "huge exponent": b'{"query": "{ __typename }", "variables": {"a": 1e999999}}',
        "5,000 digits": b'{"query": "{ __typename }", "variables": {"a": ' + b"7" * 5_000 + b"}}",
        "a million digits": b'{"query": "{ __typename }", "variables": {"a": ' + b"7" * 10**6 + b"}}",
        "lone surrogate": b'{"query": "{ __typename }", "variables": {"a": "\\ud800"}}',
        "lone surrogate as key": b'{"query": "{ __typename }", "variables": {"\\udfff": 1}}',
        "lone surrogate in query": b'{"query": "{ a\\ud800: __typename }"}',
        "lone surrogate in name": b'{"query": "{ __typename }", "operationName": "\\ud800"}',
        "null byte in query": b'{"query": "{ __typename }\\u0000"}',
        "invalid UTF-8": b'{"query": "{ __typename \xff }"}',
        "overlong UTF-8": b'{"query": "{ __typename }", "variables": {"a": "\xc0\x80"}}',
        "UTF-16": TYPENAME.decode().encode("utf-16"),
        "UTF-32": TYPENAME.decode().encode("utf-32"),
        "byte order mark": b"\xef\xbb\xbf" + TYPENAME,
        "gzip": b"\x1f\x8b\x08\x00\x00\x00\x00\x00",
        "trailing garbage": TYPENAME + b"}",
        "trailing comma": b'{"query": "{ __typename }",}',
        "comment": b'/* x */ {"query": "{ __typename }"}',
        "single quotes": b"{'query': '{ __typename }'}",
        "truncated": TYPENAME[:-3],
        "duplicate keys": b'{"query": "{ a", "query": "{ __typename }"}',
        "100,000 lists": _deep(100_000),
        "100,000 objects": _deep(100_000, '{"a":', "}"),
        "deep variables": b'{"query": "{ __typename }", "variables": {"a": ' + _deep(900) + b"}}",
        "deeper variables": b'{"query": "{ __typename }", "variables": {"a": ' + _deep(100_000) + b"}}",
        "deep extensions": b'{"query": "{ __typename }", "extensions": {"a": ' + _deep(900) + b"}}",
        "100,000 keys": json.dumps({"query": "{ __typename }"} | {f"k{n}": n for n in range(100_000)}).encode(),
        "prototype": b'{"__proto__": {"query": "{ __typename }"}, "constructor": 1}',
        "persisted query": b'{"extensions": {"persistedQuery": {"version": 1, "sha256Hash": "' + b"a" * 64 + b'"}}}',
        "10 MB of blanks": TYPENAME + b" " * (10 * MEBIBYTE - 100),
        "10 MB of brackets": b"[" * (10 * MEBIBYTE - 100),
        "10 MB of text": b'{"query": "' + b"a" * (10 * MEBIBYTE - 100) + b'"}',
        "10 MB of braces": b'{"query": "' + b"{" * (10 * MEBIBYTE - 100) + b'"}',
        "10 MB of numbers": b'{"query": "{ __typename }", "variables": {"a": [' + b"1," * (3 * MEBIBYTE) + b"1]}}",
        "11 MB": b" " * (11 * MEBIBYTE),
    }.items()
]

CHUNKED = [
    posted(f"chunks {name}", body, length=False, headers=[("Transfer-Encoding", "chunked")], statuses=(200, 400))
    for name, body in {
        "garbage": b"garbage\r\n",
        "negative": b"-5\r\nabc\r\n0\r\n\r\n",
        "huge size": b"FFFFFFFFFFFFFFFFFF\r\nabc\r\n0\r\n\r\n",
        "wrong size": b"2\r\nabcdef\r\n0\r\n\r\n",
        "extension": b"1b;" + b"x" * 1_000 + b"\r\n" + TYPENAME + b"\r\n0\r\n\r\n",
        "trailer": b"1b\r\n" + TYPENAME + b"\r\n0\r\nX-Trailer: 1\r\n\r\n",
        "one byte each": b"".join(b"1\r\n%c\r\n" % byte for byte in TYPENAME) + b"0\r\n\r\n",
        "spaces in size": b" 1b \r\n" + TYPENAME + b"\r\n0\r\n\r\n",
    }.items()
]

FORMS = [
    http("HEAD", "HEAD", "/graphql?query={__typename}", statuses=(200,)),
    http("GET with a body", "GET", "/graphql?query={__typename}", body=TYPENAME, statuses=(200, 400)),
    http("POST with query string", "POST", "/graphql?query={a}", body=TYPENAME, headers=[("Content-Type", JSON)]),
    http("POST to a page", "POST", "/", body=TYPENAME, statuses=(404, 405)),
    http("POST to health", "POST", "/health/live", body=b"x", statuses=(405,)),
    http("POST to metrics", "POST", "/metrics", body=b"x", statuses=(405,)),
]

ALL: list[Attack] = [
    *METHODS,
    *PATHS,
    *QUERY_STRINGS,
    *HEADERS,
    *CONTENT_TYPES,
    *WRONG_TYPES,
    *BODIES,
    *CHUNKED,
    *FORMS,
]
