#!/bin/bash
# Starts the parts of one instance in order, tells how to try it, and keeps it running until INT, TERM or HUP. Runs as the
# instance's account from the copy in RUN_DIR/app; started by instance.sh, which holds the lock (descriptor 9).
# Environment: DATA, SHOWN_RUN_DIR, PORT, TLS_PORT, INSTRUCTION_PORT, INSTRUCTION_CALLERS, PARTS, PROXY, SHOW_EVENTS, OWNER_PID, REQUEST_RATE, UPLOAD_RATE, REALNAME_*.
set -euo pipefail
here=$(dirname "$0")
. "$here/lib.sh"
. "$here/place.sh"
. "$here/files.sh"
. "$here/postgres.sh"
. "$here/parts.sh"
. "$here/nginx.sh"
. "$here/sample.sh"
. "$here/sftp.sh"

ACCOUNT=
PARTS=${PARTS:-${ALL_PARTS[*]}}
[ -n "${PROXY-}" ] || PARTS=${PARTS/ proxy / }

ctl() {
	"$DATA/app/bin/realnamectl" --config "$DATA/operator.conf" "$@"
}

rotate_logs() {
	local log
	for log in "$DATA"/log/*.log; do
		if [ -f "$log" ] && [ "$(stat -c %s "$log")" -gt 10000000 ]; then
			mv "$log" "$log.old"
		fi
	done
}

prepare() {
	# In this order: "ready" beside our number means that we are ready, never that a killed predecessor was.
	rm -f "$DATA/ready"
	echo $$ >"$DATA/pid"
	make_directories
	rotate_logs
	choose_socket_dir
	choose_body_dir
	make_keys
	make_secrets
	make_certificates
	choose_standin_ports
	choose_web_ports
	choose_sftp_files
	make_sftp_keys
	write_sftp_configuration
	fill_sample
	write_configuration
	write_nginx_configuration
	write_endpoints
}

start_parts() {
	local part
	start_cluster_and_wait
	migrate_database || part_failed postgres "the migrations failed"
	for part in "${ALL_PARTS[@]}"; do
		if [ "$part" = jobs ] && { wants_part jobs || wants_part web; }; then
			load_sample || part_failed postgres "the sample data cannot be loaded"
		fi
		if [ "$part" != postgres ] && wants_part "$part"; then
			start_part "$part"
		fi
	done
	if wants_part nginx; then
		wait_until 60 site_settled || part_failed web "the site is not ready after a minute: $(http_get "$PORT" /readyz 2>/dev/null | tail -n 1)"
		site_dead_part && part_failed "$DEAD" "$DEAD does not start"
	fi
	echo "$PORT $TLS_PORT" >"$DATA/ready"
}

site_dead_part() {
	for DEAD in $PARTS; do
		part_alive "$DEAD" || return 0
	done
	return 1
}

# Ready, or a part has given up.
site_settled() {
	{ [ "$(http_status "$PORT" /readyz 2>/dev/null)" = 200 ] && { ! wants_part instruction || [ -S "$SOCK/instruction.sock" ]; }; } || site_dead_part
}

trap 'say "stopping"; stop_all; say "stopped"; exit 0' INT TERM HUP
prepare
if [ -n "${OWNER_PID-}" ]; then
	setpriv --pdeathsig TERM -- tail --pid="$OWNER_PID" -f /dev/null 9>&- &
	OWNER_WATCH=$!
fi
start_parts
if [ -n "${SHOW_EVENTS-}" ]; then
	tell_how_to_try
	show_events
fi
supervise
