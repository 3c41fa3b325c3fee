# The processes of an instance: how each is started and stopped. Every part runs in a session of its own, so that Ctrl-C in a
# terminal reaches only the supervisor, which then stops them in order; the kernel tells them when the supervisor is gone.
# shellcheck shell=bash

declare -A PART_PID=() PART_STARTED=() PART_DELAY=()
ALL_PARTS=(postgres standin_sms standin_identity standin_carrier sftp proxy jobs web instruction nginx)
STANDINS=(sms identity carrier sftp)
DATABASE_LINKS=(web jobs instruction) # whose connections to the database go through the proxy, when there is one

# part, signal that stops it in order, seconds it may take
part_stop_rule() {
	case $1 in
	postgres) echo INT 20 ;; # fast shutdown
	nginx) echo QUIT 10 ;;
	web | jobs | instruction) echo TERM 20 ;;
	*) echo TERM 5 ;;
	esac
}

# Sets COMMAND, the words to run.
part_command() {
	local bin=$DATA/app/bin
	case $1 in
	postgres) COMMAND=("$PG_BIN/postgres" -D "$DATA/pg") ;;
	standin_*) standin_command "$1" "${1#standin_}" ;;
	sftp) COMMAND=("$(sshd_program)" -D -e -f "$DATA/standin/sftp/sshd_config") ;;
	proxy) proxy_command ;;
	jobs) COMMAND=(env "REALNAME_DATABASE=host=$(database_host jobs) dbname=realname user=realname_jobs" "$bin/realname-jobs" --config "$DATA/realname.conf") ;;
	instruction) COMMAND=(env "REALNAME_DATABASE=host=$(database_host instruction) dbname=realname user=realname_instruction" "$bin/realname-instruction" --config "$DATA/realname.conf") ;;
	web) COMMAND=("$bin/realname-web" --config "$DATA/realname.conf") ;;
	nginx) COMMAND=("$NGINX" -e stderr -p "$DATA/nginx/" -c "$DATA/nginx/nginx.conf") ;;
	esac
}

standin_command() {
	COMMAND=("$DATA/app/bin/$1" --listen "127.0.0.1:${STANDIN_PORT[$2]}" --dir "$DATA/standin/$2"
		--certificate "$DATA/tls/server.pem" --key "$DATA/tls/server.key")
	case $2 in
	sms | identity) COMMAND+=(--secret-id "$(cat "$DATA/secrets/$2-secret-id")" --secret-key-file "$DATA/secrets/$2-secret-key") ;;
	carrier)
		COMMAND+=(--password-file "$DATA/secrets/carrier-password" --cipher-key-file "$DATA/secrets/carrier-sm4-key"
			--platform-id "$(sample_platform_id)" --code "$(sample_column Code)")
		;;
	esac
}

proxy_command() {
	local name
	COMMAND=("$DATA/app/bin/standin_proxy" --dir "$DATA/standin/proxy")
	for name in "${DATABASE_LINKS[@]}"; do
		mkdir -p -m 700 "$(database_host "$name")"
		COMMAND+=(--link "$name=$(database_host "$name")/.s.PGSQL.5432=$SOCK/.s.PGSQL.5432")
	done
	for name in "${STANDINS[@]}"; do
		COMMAND+=(--link "$name=127.0.0.1:${LINK_PORT[$name]}=127.0.0.1:${STANDIN_PORT[$name]}")
	done
	COMMAND+=(--link "callers=127.0.0.1:${LINK_PORT[callers]}=127.0.0.1:$INSTRUCTION_PORT")
}

# Where a program finds the database: at the proxy, when there is one.
database_host() {
	if wants_part proxy; then
		echo "$SOCK/$1"
	else
		echo "$SOCK"
	fi
}

# It insists on being called by its full name.
sshd_program() {
	PATH=$PATH:/usr/sbin command -v sshd
}

wants_part() {
	[[ " $PARTS " == *" $1 "* ]]
}

start_part() {
	local signal rest
	read -r signal rest < <(part_stop_rule "$1")
	part_command "$1"
	PART_STARTED[$1]=${EPOCHREALTIME/./}
	setsid setpriv --pdeathsig "$signal" -- "${COMMAND[@]}" </dev/null >>"$DATA/log/$1.log" 2>&1 9>&- &
	PART_PID[$1]=$!
}

part_alive() {
	[ -n "${PART_PID[$1]-}" ] && kill -0 "${PART_PID[$1]}" 2>/dev/null
}

part_gone() {
	! part_alive "$1"
}

# Says what went wrong, with the last lines of the part's log, stops everything and ends.
part_failed() {
	say "$2"
	tail -n 15 "$DATA/log/$1.log" >&2 || true
	stop_all
	exit 1
}

stop_part() {
	local signal seconds
	part_alive "$1" || return 0
	read -r signal seconds < <(part_stop_rule "$1")
	kill "-$signal" "${PART_PID[$1]}" 2>/dev/null || true
	if ! wait_until "$seconds" part_gone "$1"; then
		say "$1 does not stop: killing it"
		kill -KILL -- "-${PART_PID[$1]}" 2>/dev/null || true
	fi
	wait "${PART_PID[$1]}" 2>/dev/null || true
	unset "PART_PID[$1]"
}

stop_all() {
	local index
	trap '' INT TERM HUP
	rm -f "$DATA/ready"
	for ((index = ${#ALL_PARTS[@]} - 1; index >= 0; index--)); do
		stop_part "${ALL_PARTS[index]}"
	done
	stop_events
	rm -rf "$BODY"
	case $SOCK in
	/tmp/*) rm -rf "$SOCK" ;;
	esac
	rm -f "$DATA/pid"
}

# One readable line an event: the logs of all parts, without the health checks.
EVENTS_PID=
EVENTS_LIFE= # the process whose end tells the reader to read to the end and go
show_events() {
	local part files=()
	for part in $PARTS; do
		files+=("$DATA/log/$part.log")
	done
	setpriv --pdeathsig TERM -- sleep infinity 9>&- &
	EVENTS_LIFE=$!
	setpriv --pdeathsig TERM -- tail -q -n 0 -s 0.1 --pid="$EVENTS_LIFE" -F "${files[@]}" 2>/dev/null 9>&- |
		grep --line-buffered -vE 'route=/(healthz|readyz)( |$)|postgres\[[0-9]+\] LOG:' 9>&- &
	EVENTS_PID=$!
}

stop_events() {
	if [ -n "$EVENTS_PID" ]; then
		kill "$EVENTS_LIFE" 2>/dev/null || true
		wait "$EVENTS_LIFE" 2>/dev/null || true
		wait "$EVENTS_PID" 2>/dev/null || true
		EVENTS_PID=
	fi
}

# Waits until a part ends that should not, and starts it again: at once when it had run for a while, otherwise with a delay
# that doubles up to 5 s. Ends only by a signal.
supervise() {
	local died status part name delay tick
	while :; do
		status=0 died=
		# Of two that end at the same time bash tells one only: so each is looked at, now and then again.
		for name in "${!PART_PID[@]}"; do
			part_alive "$name" || died=${PART_PID[$name]}
		done
		if [ -z "$died" ]; then
			sleep 5 9>&- &
			tick=$!
			{ wait -n -p died "${PART_PID[@]}" "$tick" ${OWNER_WATCH:+"$OWNER_WATCH"} || status=$?; } 2>/dev/null # bash would add its own line
			[ "${died-}" = "$tick" ] || { kill "$tick" && wait "$tick"; } 2>/dev/null || true
		fi
		if [ -n "${OWNER_WATCH-}" ] && [ "${died-}" = "$OWNER_WATCH" ]; then
			stop_all
			exit 0
		fi
		part=
		for name in "${!PART_PID[@]}"; do
			[ "${PART_PID[$name]}" != "${died-}" ] || part=$name
		done
		[ -n "$part" ] || continue
		delay=0
		if [ $((${EPOCHREALTIME/./} - ${PART_STARTED[$part]})) -lt 2000000 ]; then
			delay=${PART_DELAY[$part]:-0.2}
			PART_DELAY[$part]=$(awk -v d="$delay" 'BEGIN { print d * 2 > 5 ? 5 : d * 2 }')
		else
			unset "PART_DELAY[$part]"
		fi
		say "$part ended unexpectedly (status $status): starting it again"
		sleep "$delay"
		start_part "$part"
	done
}
