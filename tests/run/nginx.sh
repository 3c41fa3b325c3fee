# Fills the templates of nginx/ for one instance. Uses DATA, SOCK, BODY, PORT, TLS_PORT, INSTRUCTION_PORT, INSTRUCTION_CALLERS.
# shellcheck shell=bash

NGINX=$(command -v nginx || echo /usr/sbin/nginx)

# fill_nginx FROM TO NAME=VALUE...: copies FROM and replaces @NAME@; a placeholder that is left is an error.
fill_nginx() {
	local from=$1 to=$2 pair script=""
	shift 2
	for pair in "$@"; do
		script+="s#@${pair%%=*}@#${pair#*=}#g;"
	done
	sed "$script" "$from" >"$to"
	! grep -n '@[A-Z_]*@' "$to" >&2 || die "$from: a placeholder is not filled"
}

write_nginx_configuration() {
	local file
	mkdir -p "$DATA/nginx/common"
	local values=(
		"COMMON=$DATA/nginx/common" "ROOT=$DATA/app" "WEB_SOCKET=$SOCK/web.sock" "INSTRUCTION_SOCKET=$SOCK/instruction.sock" "STATE=$DATA/nginx" "LOG=$DATA/log" "BODY=$BODY"
		"PORT=$PORT" "TLS_PORT=$TLS_PORT" "INSTRUCTION_PORT=$INSTRUCTION_PORT" "CERTIFICATE=$DATA/tls/server.pem" "KEY=$DATA/tls/server.key"
		"MONITOR=::1" "REQUEST_RATE=${REQUEST_RATE:-20r/s}" "UPLOAD_RATE=${UPLOAD_RATE:-2r/s}" "CONNECTIONS=${CONNECTIONS:-64}" "UPLOADS=${UPLOADS:-6}"
	)
	for file in "$DATA"/app/nginx/common/*.conf; do
		fill_nginx "$file" "$DATA/nginx/common/${file##*/}" "${values[@]}"
	done
	printf '%s\n' "${INSTRUCTION_CALLERS-}" >>"$DATA/nginx/common/instruction-callers.conf"
	fill_nginx "$DATA/app/nginx/development.conf" "$DATA/nginx/nginx.conf" "${values[@]}"
}
