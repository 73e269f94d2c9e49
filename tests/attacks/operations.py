"""Attacks by operations: their shape, their arguments, forged ids, cursors and tokens, links."""

from __future__ import annotations

from typing import Any

from tests.attacks.attack import Attack, http, query

_NUMBERS = "phoneNumbers(first: 500) { nodes { id number series { name } organization { name } user { email } } }"
_DOUBLING = " ".join(
    f"fragment F{n} on Organization {{ ...{{ ...F{n + 1} }} ...{{ ...F{n + 1} }} }}" for n in range(60)
)
_FOUR = "a0: utilization { organization { ...F%d } } a1: utilization { organization { ...F%d } }"
_LEVELS = " ".join(f"fragment F{n} on Organization {{ {_FOUR % (n + 1, n + 1)} }}" for n in range(30))
_DEEP_ORGANIZATION = "parent { " * 5_000 + "id" + " }" * 5_000

SHAPES = [
    query(f"shape: {name}", text, variables)
    for name, text, variables in (
        ("5,000 levels", f"{{ organization {{ {_DEEP_ORGANIZATION} }} }}", None),
        ("21 levels", f"{{ organization {{ {'parent { ' * 21}id{' }' * 21} }} }}", None),
        ("100,000 braces", "{" * 100_000, None),
        ("100,000 brackets", "{ nodes(ids: " + "[" * 100_000, None),
        ("deep list literal", "{ nodes(ids: " + "[" * 3_000 + "]" * 3_000 + ") { id } }", None),
        (
            "deep object literal",
            "{ users(filter: {text: " + "{a: " * 3_000 + '"x"' + "}" * 3_000 + "}) { totalCount } }",
            None,
        ),
        ("deep list type", f"query ($a: {'[' * 3_000}Int{']' * 3_000}) {{ __typename }}", None),
        ("10,000 aliases", "{ " + " ".join(f"a{n}: __typename" for n in range(10_000)) + " }", None),
        ("101 aliases", "{ " + " ".join(f"a{n}: organization {{ id }}" for n in range(101)) + " }", None),
        ("100 aliases of a dear field", "{ " + " ".join(f"a{n}: {_NUMBERS}" for n in range(100)) + " }", None),
        ("10,000 repeated fields", "{ " + "__typename " * 10_000 + "}", None),
        ("3,000 overlapping fields", "{ " + "organization { id } " * 3_000 + "}", None),
        ("conflicting fields", "{ a: __typename a: organization { id } }", None),
        ("10,000 directives", "{ __typename " + "@skip(if: false) " * 10_000 + "}", None),
        ("10,000 unknown directives", "{ __typename " + "@a " * 10_000 + "}", None),
        (
            "doubling fragments",
            f"{{ organization {{ ...F0 }} }} {_DOUBLING} fragment F60 on Organization {{ id }}",
            None,
        ),
        ("doubling fields", f"{{ organization {{ ...F0 }} }} {_LEVELS} fragment F30 on Organization {{ id }}", None),
        (
            "fragment cycle",
            "{ organization { ...A } } fragment A on Organization { ...B } fragment B on Organization { ...A }",
            None,
        ),
        ("fragment of itself", "{ organization { ...A } } fragment A on Organization { parent { ...A } }", None),
        (
            "10,000 fragments",
            "{ __typename } " + " ".join(f"fragment F{n} on Query {{ __typename }}" for n in range(10_000)),
            None,
        ),
        ("unknown fragment", "{ ...A }", None),
        ("fragment on an unknown type", "{ ...A } fragment A on Nonsense { id }", None),
        ("1,000 operations", " ".join(f"query q{n} {{ __typename }}" for n in range(1_000)), None),
        ("two operations", "query a { __typename } query b { __typename }", None),
        ("operations of one name", "query a { __typename } query a { __typename }", None),
        ("subscription", "subscription { __typename }", None),
        ("type definition", "type A { a: Int }", None),
        ("schema extension", "extend type Query { a: Int }", None),
        ("only a comment", "# nothing", None),
        ("unterminated string", '{ organization(id: "', None),
        ("unterminated block string", '{ organization(id: """', None),
        ("1 MB name", "{ " + "a" * 2**20 + " }", None),
        ("1 MB string", '{ organization(id: "' + "a" * 2**20 + '") { id } }', None),
        ("5,000-digit literal", f"{{ organizations(first: {'9' * 5_000}) {{ totalCount }} }}", None),
        ("5,000-digit float", f"{{ organizations(first: {'9' * 5_000}.5e5) {{ totalCount }} }}", None),
        ("surrogate escape", '{ organizations(search: "\\uD800") { totalCount } }', None),
        ("escape out of range", '{ organizations(search: "\\u{110000}") { totalCount } }', None),
        ("null character", "{ __typename \0 }", None),
        ("bidirectional controls", "{ \u202e__typename\u202c }", None),
        ("byte order mark", "\ufeff{ __typename }", None),
        ("100,000 commas", "{" + "," * 100_000 + "__typename }", None),
        ("1,000 variables", f"query ({' '.join(f'$a{n}: Int' for n in range(1_000))}) {{ __typename }}", None),
        ("100,000 variables sent", "{ __typename }", {f"a{n}": n for n in range(100_000)}),
        ("variable of an output type", "query ($a: Organization) { __typename }", None),
        ("variable default of a wrong type", 'query ($a: Int = "x") { organizations(first: $a) { totalCount } }', None),
        (
            "introspection",
            "{ __schema { types { name fields { name args { name } type { name ofType { name } } } } } }",
            None,
        ),
        (
            "deep introspection",
            "{ __schema { types { fields { type { fields { type { fields { type { name } } } } } } } } }",
            None,
        ),
        ("introspection of a type", '{ __type(name: "Query") { name } }', None),
        ("skip with null", "query ($a: Boolean!) { __typename @skip(if: $a) }", {"a": None}),
        ("everything skipped", "{ __typename @skip(if: true) }", None),
        (
            "negative cost",
            f"{{ n: organizations(first: -2147483648) @skip(if: true) {{ nodes {{ id }} }} {_NUMBERS} }}",
            None,
        ),
        (
            "mutations by the hundred",
            "mutation { " + " ".join(f"a{n}: signOut {{ userErrors {{ code }} }}" for n in range(100)) + " }",
            None,
        ),
    )
]

_SIZES: tuple[Any, ...] = (-1, 0, 501, 2**31, -(2**31) - 1, 10**18, 1.5, "5", True, [], {})

PAGE_SIZES = [
    query(f"{field} first: {value!r}", text, {"n": value})
    for field, text in {
        "organizations": "query ($n: Int) { organizations(first: $n) { totalCount } }",
        "phoneNumbers": "query ($n: Int) { phoneNumbers(first: $n) { nodes { number } } }",
        "history": 'query ($n: Int) { phoneNumber(id: "{{NUMBER}}") { history(first: $n) { nodes { id } } } }',
    }.items()
    for value in _SIZES
] + [
    query("phoneNumbers last: -5", "{ phoneNumbers(last: -5) { nodes { id } } }"),
    query("phoneNumbers first and last", "{ phoneNumbers(first: 5, last: 5) { nodes { id } } }"),
]

_LISTS: tuple[tuple[str, str, Any], ...] = (
    ("nodes", "query ($v: [ID!]!) { nodes(ids: $v) { id } }", "x"),
    ("the same node", "query ($v: [ID!]!) { nodes(ids: $v) { id } }", "{{ROOT}}"),
    ("numbers", "query ($v: [E164!]) { phoneNumbers(filter: {numbers: $v}) { totalCount } }", "+14185550100"),
    ("wrong numbers", "query ($v: [E164!]) { phoneNumbers(filter: {numbers: $v}) { totalCount } }", "nonsense"),
    ("series", "query ($v: [ID!]) { phoneNumbers(filter: {seriesIds: $v}) { totalCount } }", "{{SERIES}}"),
    ("organizations", "query ($v: [ID!]) { phoneNumbers(filter: {organizationIds: $v}) { totalCount } }", "{{ROOT}}"),
    ("statuses", "query ($v: [NumberStatus!]) { phoneNumbers(filter: {statuses: $v}) { totalCount } }", "AVAILABLE"),
    ("user organizations", "query ($v: [ID!]) { users(filter: {organizationIds: $v}) { totalCount } }", "{{ROOT}}"),
    ("user statuses", "query ($v: [UserStatus!]) { users(filter: {statuses: $v}) { totalCount } }", "INVITED"),
    (
        "reserved",
        (
            'mutation ($v: [ID!]) { reserveNumbers(input: {numberIds: $v, tag: "a", dryRun: true}) '
            "{ userErrors { message } } }"
        ),
        "{{NUMBER}}",
    ),
    (
        "retired",
        "mutation ($v: [ID!]) { retireNumbers(input: {numberIds: $v, dryRun: true}) { userErrors { message } } }",
        "x",
    ),
    (
        "added",
        (
            'mutation ($v: [E164!]) { addNumbers(input: {seriesId: "{{SERIES}}", numbers: $v, dryRun: true}) '
            "{ userErrors { message } } }"
        ),
        "+14185550199",
    ),
    (
        "ranges",
        (
            'mutation ($v: [NumberRange!]) { addNumbers(input: {seriesId: "{{SERIES}}", ranges: $v, dryRun: true}) '
            "{ userErrors { message } } }"
        ),
        {"first": "+14185560000", "last": "+14185569999"},
    ),
    (
        "usage",
        (
            "mutation ($v: [UsageRecordInput!]!) { recordUsage(input: {records: $v}) "
            "{ recordedCount userErrors { message } } }"
        ),
        {"recordId": "a", "number": "+14185550100", "kind": "VOICE", "quantity": 1, "at": "2026-11-01T00:00:00Z"},
    ),
    (
        "invited",
        "mutation ($v: [InviteUserRow!]) { inviteUsers(input: {rows: $v, dryRun: true}) { userErrors { message } } }",
        {"firstName": "A", "lastName": "B", "email": "a@example.com"},
    ),
)

LISTS = [
    query(f"{count} {name}", text, {"v": [item] * count}) for name, text, item in _LISTS for count in (0, 501, 10_001)
] + [query(f"nulls as {name}", text, {"v": [None] * 3}) for name, text, _ in _LISTS]

_FORGED = (
    "",
    " ",
    "x",
    "=",
    "====",
    "\0",
    "'; DROP TABLE users; --",
    "T3JnYW5pemF0aW9uOjA",  # Organization:0
    "T3JnYW5pemF0aW9uOi0x",  # Organization:-1
    "T3JnYW5pemF0aW9uOjk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5",
    "T3JnYW5pemF0aW9uOjFf",
    "T3JnYW5pemF0aW9uOjE6MQ",
    "JXM6MQ",  # %s:1
    "{{KEY}}",
    "\U0001f4a5" * 100,
    "A" * 100_000,
)

FORGED = [
    query(f"forged {what}: {value[:30]!r}", text, {"v": value})
    for what, text in {
        "id": "query ($v: ID!) { node(id: $v) { id } organization(id: $v) { id } phoneNumber(id: $v) { id } }",
        "cursor": "query ($v: String) { organizations(after: $v) { nodes { id } } }",
        "number cursor": "query ($v: String) { phoneNumbers(after: $v, first: 1) { nodes { id } } }",
        "invitation": "query ($v: String!) { invitation(token: $v) { email } }",
        "acceptance": "mutation ($v: String!) { acceptInvitation(input: {token: $v}) { userErrors { code } } }",
        "password": (
            'mutation ($v: String!) { setPassword(input: {token: $v, password: "correct horse battery"}) '
            "{ userErrors { code } } }"
        ),
    }.items()
    for value in _FORGED
] + [
    query("cursor of another list", "query ($v: String) { users(after: $v) { nodes { id } } }", {"v": "{{CURSOR}}"}),
    query("cursor as id", "query ($v: ID!) { node(id: $v) { id } }", {"v": "{{CURSOR}}"}),
    query("long search", "query ($v: String) { organizations(search: $v) { totalCount } }", {"v": "a" * 10**6}),
    query("wildcards", "query ($v: String) { organizations(search: $v) { totalCount } }", {"v": "%_\\%" * 1_000}),
    query("sign-in", 'mutation { signIn(input: {email: "a@b.example", password: "x"}) { userErrors { code } } }'),
    query(
        "long password",
        'mutation ($v: String!) { signIn(input: {email: "a@b.example", password: $v}) { userErrors { code } } }',
        {"v": "a" * 10**6},
    ),
    query("anonymous change", 'mutation { createSeries(input: {name: ""}) { userErrors { code } } }'),
    query("date out of range", '{ consumptionReport(from: "0001-01-01", to: "9999-12-31") { url } }'),
    query("no date", '{ consumptionReport(from: "2026-02-30", to: "x") { url } }'),
    query(
        "instant out of range",
        "query ($v: DateTime) { phoneNumbers(filter: {updatedSince: $v}) { totalCount } }",
        {"v": "0001-01-01T00:00:00+23:59"},
    ),
]

LINKS = (
    [
        http(f"link {target[:60]!r}", target=target, statuses=(400, 403, 404, 405, 431))
        for target in (
            "/download/",
            "/download/report.csv",
            "/download/report.csv?link=",
            "/download/report.csv?link=x",
            "/download/report.csv?link=%00",
            "/download/report.csv?link=%ff",
            "/download/report.csv?link=" + "a" * 50_000,
            "/download/report.csv?link={{LINK}}x",
            "/download/report.csv?link=x{{LINK}}",
            "/download/report.csv?link=eyJhIjoxfQ.aaaa.bbbb",
            "/download/..%2f..%2fetc%2fpasswd?link={{LINK}}x",
            "/download/a/b?link={{LINK}}x",
        )
    ]
    + [
        http(f"page {target[:60]!r}", target=target, statuses=(200, 400, 403, 404, 405, 431))
        for target in (
            "/invitation",
            "/invitation?token=",
            "/invitation?token=x",
            "/invitation?token=%00%ff",
            "/invitation?token=<script>alert(1)</script>",
            "/password?token=" + "a" * 50_000,
            "/password?token=../../x",
            "/download/any%20name%0d%0aX-Header:%201.csv?link={{LINK}}x",
        )
    ]
    + [
        http(
            f"form {target}: {body[:20]!r}",
            "POST",
            target,
            headers=[("Content-Type", "application/x-www-form-urlencoded")],
            body=body,
        )
        for target in ("/invitation", "/password")
        for body in (b"", b"token=x&password=%ff", b"token=" + b"a" * 10**6, b"%", b"\xff\x00" * 1_000)
    ]
)

ALL: list[Attack] = [*SHAPES, *PAGE_SIZES, *LISTS, *FORGED, *LINKS]
