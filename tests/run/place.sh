# Where an instance lives and as whom it runs. Sets:
#   RUN_DIR    what the user named (absolute); may be a symbolic link to DATA
#   DATA       the real directory, reachable for the account
#   ACCOUNT    the account's name, "" when we simply stay who we are
# shellcheck shell=bash

SYSTEM_ACCOUNT=realname-run
SYSTEM_HOME=/var/lib/$SYSTEM_ACCOUNT

as_account() {
	if [ -n "$ACCOUNT" ]; then
		setpriv --reuid "$ACCOUNT" --regid "$ACCOUNT" --clear-groups -- "$@"
	else
		"$@"
	fi
}

make_system_account() {
	if ! id "$SYSTEM_ACCOUNT" >/dev/null 2>&1; then
		say "creating the system account $SYSTEM_ACCOUNT"
		/usr/sbin/useradd --system --user-group --home-dir /nonexistent --no-create-home --shell /usr/sbin/nologin "$SYSTEM_ACCOUNT" ||
			id "$SYSTEM_ACCOUNT" >/dev/null 2>&1 # another start may have been quicker
	fi
}

# The clone may lie where only root can look, below /root for instance; then the data lie in /var/lib.
link_to_system_home() {
	local place
	place=$SYSTEM_HOME/$(printf '%s' "$RUN_DIR" | sha256sum | cut -c1-16)
	install -d -m 711 "$SYSTEM_HOME"
	if [ ! -L "$RUN_DIR" ]; then
		[ ! -e "$RUN_DIR" ] || die "$RUN_DIR cannot be reached by $ACCOUNT and is not a link: move it away"
		# Whoever removed the link wants to start afresh.
		rm -rf "$place"
		ln -s "$place" "$RUN_DIR"
	fi
	install -d -m 700 -o "$ACCOUNT" -g "$ACCOUNT" "$place"
}

place_as_root() {
	local owner=""
	if [ -d "$RUN_DIR" ]; then
		owner=$(stat -L -c %U "$RUN_DIR")
	fi
	if [ -n "$owner" ] && [ "$owner" != root ] && [ "$owner" != UNKNOWN ]; then
		ACCOUNT=$owner # the data belong to somebody already: go on as that account
	else
		ACCOUNT=$SYSTEM_ACCOUNT
	fi
	if [ "$ACCOUNT" = "$SYSTEM_ACCOUNT" ]; then
		make_system_account
	fi
	mkdir -p "$(dirname "$RUN_DIR")"
	if [ ! -L "$RUN_DIR" ] && as_account test -x "$(dirname "$RUN_DIR")"; then
		install -d -m 700 -o "$ACCOUNT" -g "$(id -gn "$ACCOUNT")" "$RUN_DIR"
	else
		link_to_system_home
	fi
	DATA=$(realpath "$RUN_DIR")
	as_account test -w "$DATA" || die "$ACCOUNT cannot write to $DATA"
}

place_choose() {
	RUN_DIR=$(realpath -ms "${RUN_DIR:-var/run}")
	ACCOUNT=
	if is_root; then
		place_as_root
	else
		mkdir -p "$RUN_DIR" && chmod 700 "$RUN_DIR" || die "cannot make $RUN_DIR"
		DATA=$(realpath "$RUN_DIR")
		[ -w "$DATA" ] || die "$DATA belongs to $(stat -c %U "$DATA")"
	fi
}

# A directory for sockets. Their path may have at most 107 bytes: a RUN_DIR with a long name gets one in /tmp.
choose_socket_dir() {
	if [ $((${#DATA} + 24)) -le 100 ]; then
		SOCK=$DATA/sock
	else
		SOCK=/tmp/realname-$(id -u)-$(printf '%s' "$DATA" | sha256sum | cut -c1-12)
	fi
	if ! mkdir -m 700 "$SOCK" 2>/dev/null; then
		[ ! -L "$SOCK" ] && [ -O "$SOCK" ] && [ -d "$SOCK" ] || die "$SOCK belongs to somebody else"
		chmod 700 "$SOCK"
	fi
}

# Uploaded bodies wait in memory, not on the disk: they are identity papers.
choose_body_dir() {
	BODY=/dev/shm/realname-$(id -u)-$(printf '%s' "$DATA" | sha256sum | cut -c1-12)
	if ! [ -w /dev/shm ]; then
		BODY=$DATA/nginx/body
	fi
	rm -rf "$BODY"
	mkdir -p -m 700 "$BODY"
}
