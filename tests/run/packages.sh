#!/bin/bash
# Finds the Debian packages of the named groups that are missing, says which, and installs them without starting a service.
# usage: packages.sh [--list] GROUP...   groups: run, test, bench. Quick (one dpkg-query) when nothing is missing.
set -euo pipefail
cd "$(dirname "$0")"

# group, package, what it is for
packages='
run gcc               compiler
run make              build
run pkg-config        build
run libfcgi-dev       FastCGI
run clearsilver-dev   templates
run zlib1g-dev        ClearSilver
run libpq-dev         PostgreSQL
run libssl-dev        OpenSSL
run libcurl4-openssl-dev outside-calls
run libcjson-dev      JSON
run libgd-dev         pictures
run libseccomp-dev    sandbox
run libqrencode-dev   QR-codes
run libzip-dev        copies-of-own-data,files-to-carriers
run libexpat1-dev    tables-of-fleets
run libxlsxwriter-dev tables-of-fleets
run libpango1.0-dev   agreements-as-pictures
run fonts-noto-cjk    agreements-as-pictures
run libpoppler-glib-dev PDFs-as-pictures
run poppler-data      PDFs-as-pictures
run libmicrohttpd-dev stand-ins
run nginx-light       server
run postgresql-15     database
run openssl           certificates
run openssh-server    SFTP-server-of-the-carrier
run openssh-client    keys-of-it
run ca-certificates   TLS
test chromium         browser
test curl             web-tests
test espeak-ng        spoken-digits
test ffmpeg           fake-camera
test python3-imageio  face-of-the-fake-camera (a portrait in the public domain)
test clang            fuzzing
test libclang-rt-14-dev sanitizers
test clang-format     style
test faketime         clocks-that-jump
format clang-format   style
test npm              Node-packages
bench wrk             load
bench curl            load
'

names_of_groups() {
	local group name why wanted
	while read -r group name why; do
		for wanted in "$@"; do
			if [ "$group" = "$wanted" ]; then
				echo "$name $why"
			fi
		done
	done <<<"$packages"
}

# Another flavour of nginx serves as well, and so does an npm that came with Node from elsewhere.
is_replaced() {
	case $1 in
	nginx-light) command -v nginx >/dev/null || [ -x /usr/sbin/nginx ] ;;
	npm) command -v npm >/dev/null ;;
	*) false ;;
	esac
}

missing_packages() {
	local installed name why
	# shellcheck disable=SC2046
	installed=$(dpkg-query -W -f '${Status} ${Package}\n' $(names_of_groups "$@" | cut -d' ' -f1) 2>/dev/null | sed -n 's/^install ok installed //p') || true
	while read -r name why; do
		if [ -n "$name" ] && ! grep -qxF "$name" <<<"$installed" && ! is_replaced "$name"; then
			echo "$name"
		fi
	done < <(names_of_groups "$@") | sort -u
}

# As root. A package's service must not start on a developer's machine: policy-rc.d answers "not allowed" while we install,
# and postgresql-common is told not to make a cluster of its own before postgresql-15 arrives.
install_packages() {
	local policy=/usr/sbin/policy-rc.d
	export DEBIAN_FRONTEND=noninteractive
	if [ ! -e $policy ]; then
		printf '#!/bin/sh\nexit 101\n' >$policy
		chmod 755 $policy
		trap 'rm -f /usr/sbin/policy-rc.d' EXIT
	fi
	apt-get update -q
	if [[ " $* " == *" postgresql-15 "* ]] && [ ! -e /etc/postgresql-common/createcluster.conf ]; then
		apt-get install -q -y --no-install-recommends postgresql-common
		sed -i 's/^#* *create_main_cluster .*/create_main_cluster = false/' /etc/postgresql-common/createcluster.conf
	fi
	# Nor shall the machine be reached by SSH from its next start on: Debian's own sign for that, unless a server is there already.
	if [[ " $* " == *" openssh-server "* ]] && [ ! -e /usr/sbin/sshd ]; then
		mkdir -p /etc/ssh
		touch /etc/ssh/sshd_not_to_be_run
	fi
	apt-get install -q -y --no-install-recommends "$@"
}

case ${1-} in
--list)
	shift
	names_of_groups "$@"
	;;
--install)
	shift
	install_packages "$@"
	;;
*)
	mapfile -t missing < <(missing_packages "$@")
	[ ${#missing[@]} -gt 0 ] || exit 0
	echo "installing Debian packages that are missing: ${missing[*]}"
	if [ "$(id -u)" = 0 ]; then
		exec bash packages.sh --install "${missing[@]}"
	elif command -v sudo >/dev/null; then
		exec sudo bash packages.sh --install "${missing[@]}"
	fi
	echo "they need root: run as root  apt-get install ${missing[*]}" >&2
	exit 1
	;;
esac
