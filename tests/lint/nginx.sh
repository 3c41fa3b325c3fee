#!/bin/bash
# Both configurations pass nginx's own check with their placeholders filled, and every error page is there.
set -u
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
. tests/run/lib.sh
. tests/run/nginx.sh
mkdir -p "$work/common" "$work/temp" "$work/body"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -keyout "$work/key.pem" -out "$work/cert.pem" \
	-subj /CN=register.example.com 2>/dev/null
values=(
	"SERVER_NAME=register.example.com" "COMMON=$work/common" "ROOT=$work" "WEB_SOCKET=$work/web.sock" "INSTRUCTION_SOCKET=$work/instruction.sock" "STATE=$work" "LOG=$work"
	"BODY=$work/body" "PORT=18080" "TLS_PORT=18443" "INSTRUCTION_PORT=18445" "INSTRUCTION_CERTIFICATE=$work/cert.pem" "INSTRUCTION_KEY=$work/key.pem" "CERTIFICATE=$work/cert.pem" "KEY=$work/key.pem" "NGINX_USER=$(id -un)"
	"MONITOR=10.0.8.0/24" "REQUEST_RATE=20r/s" "UPLOAD_RATE=2r/s" "CONNECTIONS=64" "UPLOADS=6"
)
for file in nginx/common/*.conf; do
	fill_nginx "$file" "$work/common/${file##*/}" "${values[@]}"
done
for kind in development production; do
	fill_nginx "nginx/$kind.conf" "$work/$kind.conf" "${values[@]}"
	# The check opens what is named: the pid file of a real server is not ours to touch, nor are its ports.
	sed -i -e "s#^pid .*#pid $work/nginx.pid;#" -e '/listen \[::\]/d' -e 's/listen 80/listen 127.0.0.1:18081/' \
		-e 's/listen 443/listen 127.0.0.1:18444/' -e 's/listen 18445/listen 127.0.0.1:18445/' "$work/$kind.conf"
	if message=$("$NGINX" -t -e stderr -p "$work/" -c "$work/$kind.conf" 2>&1) && ! grep -q '\[warn\]' <(grep -v '"user" directive' <<<"$message"); then
		echo "ok nginx_accepts_$kind"
	else
		echo "# $message"
		echo "not ok nginx_accepts_$kind"
	fi
done
bash nginx/static.sh static "$work/static"
for status in 400 413 429 502 503 504; do
	if grep -q "<h1>[^@]" "$work/static/errors/$status.html" && grep -q '"text":"[^"]' "$work/static/errors/$status.json"; then
		echo "ok error_page_$status"
	else
		echo "not ok error_page_$status"
	fi
done
