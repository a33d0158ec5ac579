#!/bin/bash
# Runs once, when the database is made and before the migrations: they grant the role what it may do.
# The application does not own its tables, so it can neither drop a constraint nor rewrite history.
set -euo pipefail
psql --set=ON_ERROR_STOP=1 --set=password="$APPLICATION_PASSWORD" --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" <<'SQL'
create role makerlab_app login password :'password';
SQL
