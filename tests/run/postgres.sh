# The private PostgreSQL cluster of an instance. Uses DATA and SOCK.
#
# "trust" is right here and only here: the server listens on no address but a unix socket in a directory of mode 0700 that
# belongs to the account, so whoever can connect could read the data files as well. A real server gets passwords or
# certificates and a DSN in the configuration.
# shellcheck shell=bash

PG_BIN=/usr/lib/postgresql/15/bin
PG_SUPER=postgres

make_cluster() {
	if [ -s "$DATA/pg/PG_VERSION" ]; then
		return 0
	fi
	say "making the database cluster"
	rm -rf "$DATA/pg"
	"$PG_BIN/initdb" -D "$DATA/pg" -U $PG_SUPER --auth=trust --encoding=UTF8 --locale=C.UTF-8 --no-sync --no-instructions \
		>"$DATA/log/initdb.log" 2>&1 || die "initdb failed: $(tail -n 5 "$DATA/log/initdb.log")"
	echo "include = 'instance.conf'" >>"$DATA/pg/postgresql.conf"
}

# Statements and row values stay out of the log: both may hold personal data.
write_cluster_settings() {
	cat >"$DATA/pg/instance.conf" <<END
listen_addresses = ''
unix_socket_directories = '$SOCK'
unix_socket_permissions = 0700
max_connections = 60
shared_buffers = 64MB
synchronous_commit = on
fsync = ${DATABASE_FSYNC:-on}
full_page_writes = ${DATABASE_FSYNC:-on}
timezone = 'UTC'
log_timezone = 'UTC'
log_line_prefix = '%m postgres[%p] '
log_checkpoints = off
log_min_error_statement = panic
log_error_verbosity = terse
END
}

start_cluster_and_wait() {
	make_cluster
	write_cluster_settings
	start_part postgres
	wait_until 60 cluster_ready || part_failed postgres "the database does not start"
}

cluster_ready() {
	# The eighth line of the lock file tells the state; no program has to be started for it.
	local lines=()
	[ -e "$DATA/pg/postmaster.pid" ] || return 1
	mapfile -t lines <"$DATA/pg/postmaster.pid"
	[ "${lines[0]-}" = "${PART_PID[postgres]}" ] && [[ ${lines[7]-} == ready* ]]
}

database_command() {
	PGOPTIONS='-c client_min_messages=warning' "$PG_BIN/psql" -X -q -v ON_ERROR_STOP=1 -h "$SOCK" -U $PG_SUPER -d "${DATABASE:-postgres}" "$@"
}

# Roles, database, schema.
migrate_database() {
	database_command -f "$DATA/app/sql/roles.sql"
	if [ -z "$(database_command -At -c "SELECT 1 FROM pg_database WHERE datname = 'realname'")" ]; then
		database_command -c "CREATE DATABASE realname OWNER realname_owner"
		# PostgreSQL 15 leaves the schema public to the superuser's group; the migrations run as the owner of the database.
		DATABASE=realname database_command -c "ALTER SCHEMA public OWNER TO realname_owner"
	fi
	REALNAME_DATABASE="host=$SOCK dbname=realname user=realname_owner" ctl migrate
}
