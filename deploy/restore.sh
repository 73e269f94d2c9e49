#!/bin/sh
# Restore a backup into the database of DIALTREE_DATABASE_URL, which must not exist (a file) or be empty, and check it:
# deploy/restore.sh FILE
set -eu
umask 077
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
python=${PYTHON:-$here/../.venv/bin/python}
[ $# -eq 1 ] || { echo "Usage: $0 FILE" >&2; exit 2; }
[ -r "$1" ] || { echo "$1 cannot be read." >&2; exit 1; }

case ${DIALTREE_DATABASE_URL:?Set it to the address of the database} in
sqlite:///*)
    "$python" - "$1" "${DIALTREE_DATABASE_URL#sqlite:///}" <<'PYTHON'
import shutil, sys
from pathlib import Path
from urllib.parse import unquote

source, target = Path(sys.argv[1]), Path(unquote(sys.argv[2]))
for left in (target, Path(f"{target}-wal"), Path(f"{target}-shm")):
    if left.exists():
        sys.exit(f"{left} exists. Stop all servers and move it away first.")
with source.open("rb") as backup:
    if backup.read(16) != b"SQLite format 3\0":
        sys.exit(f"{source} is not a backup of an SQLite database.")
    backup.seek(0)
    try:
        with target.open("xb") as restored:
            shutil.copyfileobj(backup, restored)
    except OSError as error:
        sys.exit(f"{target} cannot be written: {error.strerror}.")
PYTHON
    ;;
*)
    variables=$("$python" "$here/database_variables.py")
    eval "$variables"
    pg_restore --exit-on-error --single-transaction --no-owner --dbname="$PGDATABASE" "$1" || {
        echo "Nothing was restored. Restore a backup of PostgreSQL into an empty database: createdb $PGDATABASE" >&2
        exit 1
    }
    ;;
esac
"$python" -c 'from app.command import main; main()' check
