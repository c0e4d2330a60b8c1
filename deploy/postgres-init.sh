#!/bin/sh
# Runs once, on an empty volume: a role and a database each for Temporal and for Countersign's audit, so that neither
# reads the other's. The passwords come from the environment and are quoted by psql.
set -eu

psql --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres \
  --set temporal_password="$TEMPORAL_DB_PASSWORD" --set countersign_password="$COUNTERSIGN_DB_PASSWORD" <<'SQL'
CREATE ROLE temporal LOGIN PASSWORD :'temporal_password';
CREATE DATABASE temporal OWNER temporal;
CREATE DATABASE temporal_visibility OWNER temporal;
CREATE ROLE countersign LOGIN PASSWORD :'countersign_password';
CREATE DATABASE countersign OWNER countersign;
REVOKE CONNECT ON DATABASE temporal, temporal_visibility, countersign FROM PUBLIC;
SQL
