"""Print the parts of DIALTREE_DATABASE_URL as shell variables of PostgreSQL's programs.

A password in an argument would be visible to every user of the machine; in the environment, it is not.
"""

import os
import shlex
from urllib.parse import parse_qsl, unquote, urlsplit

OPTIONS = {
    "host": "PGHOST",
    "port": "PGPORT",
    "user": "PGUSER",
    "password": "PGPASSWORD",
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
    "sslcert": "PGSSLCERT",
    "sslkey": "PGSSLKEY",
}

parts = urlsplit(os.environ["DIALTREE_DATABASE_URL"])
found = {
    "PGHOST": parts.hostname,
    "PGPORT": parts.port and str(parts.port),
    "PGUSER": parts.username and unquote(parts.username),
    "PGPASSWORD": parts.password and unquote(parts.password),
    "PGDATABASE": unquote(parts.path.lstrip("/")),
}
found |= {OPTIONS[name]: value for name, value in parse_qsl(parts.query) if name in OPTIONS}
for name, value in found.items():
    if value:
        print(f"export {name}={shlex.quote(value)}")
