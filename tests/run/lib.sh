# Small functions that every script here uses. Sourced, never run.
# shellcheck shell=bash

say() {
	printf '%s\n' "$*"
}

die() {
	printf 'realname: %s\n' "$*" >&2
	exit 1
}

is_root() {
	[ "$(id -u)" = 0 ]
}

# wait_until SECONDS COMMAND...: true as soon as the command is, false when the time is over.
wait_until() {
	local until=$((${EPOCHREALTIME/./} + $1 * 1000000))
	shift
	until "$@"; do
		[ "${EPOCHREALTIME/./}" -lt "$until" ] || return 1
		sleep 0.05
	done
}

# Something accepts connections on this loopback port.
port_answers() {
	(exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

# draw_port VARIABLE: a port below the range that the kernel hands out for outgoing connections, so that none of those takes it before we
# listen; never one that was drawn before and may not be listened to yet. PORT_RANGE (first and last): runs beside each other have their own.
DRAWN_PORTS=" "
draw_port() {
	local drawn first last
	read -r first last <<<"${PORT_RANGE:-20000 31999}"
	while :; do
		drawn=$((first + (RANDOM << 15 | RANDOM) % (last - first + 1)))
		[[ $DRAWN_PORTS == *" $drawn "* ]] || port_answers "$drawn" || break
	done
	DRAWN_PORTS+="$drawn "
	printf -v "$1" %s "$drawn"
}

# http_get PORT PATH: the answer to one plain GET, head and body; nothing when nobody answers. Needs no other program.
http_get() {
	local line
	exec 3<>"/dev/tcp/127.0.0.1/$1" || return 1
	printf 'GET %s HTTP/1.0\r\nHost: 127.0.0.1:%s\r\n\r\n' "$2" "$1" >&3
	while IFS= read -r -t 5 -u 3 line || [ -n "$line" ]; do
		printf '%s\n' "$line"
		line=
	done
	exec 3>&-
}

http_status() {
	local version status rest
	read -r version status rest < <(http_get "$@" 2>/dev/null) || true
	: "$version" "$rest"
	echo "$status"
}
