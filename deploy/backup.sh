#!/bin/sh
# Back up the database of DIALTREE_DATABASE_URL into a file while servers use it: deploy/backup.sh FILE
set -eu
umask 077
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
python=${PYTHON:-$here/../.venv/bin/python}
[ $# -eq 1 ] || { echo "Usage: $0 FILE" >&2; exit 2; }
[ ! -e "$1" ] || { echo "$1 exists." >&2; exit 1; }
trap 'rm -f -- "$1.part"' EXIT

case ${DIALTREE_DATABASE_URL:?Set it to the address of the database} in
sqlite:///*)
    "$python" - "${DIALTREE_DATABASE_URL#sqlite:///}" "$1.part" <<'PYTHON'
import sqlite3, sys
from contextlib import closing
from pathlib import Path
from urllib.parse import unquote

source, target = sys.argv[1:]
file = Path(unquote(source)).absolute()
for needed in (file, Path(target).absolute().parent):
    if not needed.exists():
        sys.exit(f"There is no {needed}. Check DIALTREE_DATABASE_URL and the name of the backup.")
try:
    with (
        closing(sqlite3.connect(f"{file.as_uri()}?mode=rw", uri=True)) as opened,
        closing(sqlite3.connect(target)) as copy,
    ):
        # In one step: a copy in several starts again with each change of the database.
        opened.backup(copy)
        copy.execute("PRAGMA journal_mode = DELETE")
except sqlite3.Error as error:
    sys.exit(f"{file} cannot be copied to {target}: {error}.")
PYTHON
    ;;
*)
    variables=$("$python" "$here/database_variables.py")
    eval "$variables"
    pg_dump --format=custom --no-owner --file="$1.part"
    ;;
esac
mv -- "$1.part" "$1"
