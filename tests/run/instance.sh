#!/bin/bash
# One running instance of everything, in RUN_DIR (default var/run).
#   instance.sh run     start, stay in the foreground, one line an event; Ctrl-C, TERM or HUP stops all in order
#   instance.sh start   the same in the background; returns when it serves; it ends with OWNER_PID when that is set
#   instance.sh stop    stops the instance of RUN_DIR and waits until it is gone
# Environment: RUN_DIR, PORT (8080), TLS_PORT (8443), INSTRUCTION_PORT (8444), 0 for a free one; BUILD (build); PARTS, which parts to start, for example
# "postgres"; PROXY=1: the proxy of tests/standin between the parts; REQUEST_RATE, UPLOAD_RATE, CONNECTIONS and INSTRUCTION_CALLERS (lines about who may call) for nginx; DATABASE_FSYNC=off for throw-away data; REALNAME_* settings.
# Started as root it runs everything as an unprivileged account (place.sh).
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
top=$(dirname "$(dirname "$here")")
. "$here/lib.sh"
. "$here/place.sh"

export PORT=${PORT:-8080} TLS_PORT=${TLS_PORT:-8443} INSTRUCTION_PORT=${INSTRUCTION_PORT:-8444}
BUILD=$(realpath -ms "${BUILD:-$top/build}")

# What the instance runs from, as one archive: the account may not be able to look into the clone.
app_archive() {
	local sample=()
	if [ -d "$top/tests/sample" ]; then
		sample=(-C "$top/tests" sample)
	fi
	tar -c -C "$BUILD" bin static -C "$top" templates sql nginx -C "$top/tests" run "${sample[@]}"
}

# Runs as the account: takes the lock (held as long as the supervisor lives), unpacks, becomes the supervisor.
# shellcheck disable=SC2016
bootstrap='
	umask 077
	cd "$DATA" || exit 1
	exec 9>>lock
	if ! flock -n 9; then
		echo "realname: $SHOWN_RUN_DIR is in use by another instance (process $(cat pid 2>/dev/null))" >&2
		exit 1
	fi
	rm -rf app && mkdir app && tar -x -C app <&8 || exit 1
	exec 8<&-
	exec bash app/run/supervise.sh
'

run_instance() {
	[ -d "$BUILD/bin" ] && [ -d "$BUILD/static" ] || die "nothing is built in $BUILD: run make first"
	place_choose
	unset MAKEFLAGS MAKELEVEL MFLAGS MAKEOVERRIDES
	export DATA SHOWN_RUN_DIR=$RUN_DIR HOME=$DATA
	exec 8< <(app_archive)
	if [ -n "$ACCOUNT" ]; then
		export USER=$ACCOUNT LOGNAME=$ACCOUNT
		exec setpriv --reuid "$ACCOUNT" --regid "$(id -gn "$ACCOUNT")" --clear-groups -- bash -c "$bootstrap"
	fi
	exec bash -c "$bootstrap"
}

start_instance() {
	local pid log
	log=$(mktemp)
	setsid bash "$here/instance.sh" run-quiet >"$log" 2>&1 </dev/null &
	pid=$!
	if ! wait_until 120 started_or_ended "$pid" || [ ! -e "$RUN_DIR/ready" ]; then
		cat "$log" >&2
		rm -f "$log"
		kill "$pid" 2>/dev/null || true
		die "the instance of $RUN_DIR does not start"
	fi
	rm -f "$log"
	cat "$RUN_DIR/endpoints.json"
}

started_or_ended() {
	[ -e "$RUN_DIR/ready" ] && [ "$(cat "$RUN_DIR/pid" 2>/dev/null)" = "$1" ] || ! kill -0 "$1" 2>/dev/null
}

stop_instance() {
	local pid
	pid=$(cat "$RUN_DIR/pid" 2>/dev/null) || return 0
	! flock -n "$RUN_DIR/lock" true || return 0 # nobody holds it: the number is left over
	kill -TERM "$pid" 2>/dev/null || return 0
	flock -w 90 "$RUN_DIR/lock" true || die "the instance of $RUN_DIR does not stop"
}

case ${1-} in
run)
	export SHOW_EVENTS=1
	run_instance
	;;
run-quiet)
	export SHOW_EVENTS=
	run_instance
	;;
start)
	RUN_DIR=$(realpath -ms "${RUN_DIR:-var/run}")
	export RUN_DIR
	start_instance
	;;
stop)
	RUN_DIR=$(realpath -ms "${RUN_DIR:-var/run}")
	stop_instance
	;;
*)
	sed -n 's/^# \{0,1\}//p' "$0" | sed -n 2,9p
	exit 2
	;;
esac
