"""Tables, engines, migrations and every SQL statement; SQLite and PostgreSQL alike."""
