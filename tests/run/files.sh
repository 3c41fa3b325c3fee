# What an instance needs on disk besides its database: keys, secrets, certificates, the programs' copy, configuration.
# Everything secret is made once and stays. Uses DATA, SOCK, BODY and the port variables.
# shellcheck shell=bash

make_directories() {
	local dir
	for dir in keys secrets tls evidence nginx nginx/temp log standin standin/sms standin/identity standin/carrier standin/sftp standin/proxy; do
		mkdir -p -m 700 "$DATA/$dir"
	done
}

make_keys() {
	local name
	for name in master lookup code; do
		if [ ! -s "$DATA/keys/$name.keys" ]; then
			(umask 077 && echo "k1 $(openssl rand -hex 32)" >"$DATA/keys/$name.keys")
		fi
	done
}

# make_secret NAME BYTES: a random secret, in hex.
make_secret() {
	if [ ! -s "$DATA/secrets/$1" ]; then
		(umask 077 && openssl rand -hex "$2" >"$DATA/secrets/$1")
	fi
}

make_secrets() {
	make_secret identity-secret-id 18
	make_secret identity-secret-key 16
	make_secret sms-secret-id 18
	make_secret sms-secret-key 16
	make_secret carrier-password 12
	make_secret entry-link 32
	make_secret carrier-sm4-key 16
}

# A private authority and one server certificate, for nginx and the stand-ins. Renewed when it ends within a month.
make_certificates() {
	local tls=$DATA/tls
	if [ -s "$tls/server.pem" ] && openssl x509 -checkend 2592000 -noout -in "$tls/server.pem" >/dev/null; then
		return 0
	fi
	(
		umask 077
		cd "$tls"
		openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 800 -keyout ca.key -out ca.pem \
			-subj "/CN=realname private authority" -addext basicConstraints=critical,CA:TRUE \
			-addext keyUsage=critical,keyCertSign,cRLSign
		openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout server.key -out server.csr -subj "/CN=localhost"
		printf '%s\n' 'subjectAltName=DNS:localhost,IP:127.0.0.1' 'extendedKeyUsage=serverAuth' \
			'basicConstraints=critical,CA:FALSE' 'keyUsage=critical,digitalSignature' >server.ext
		openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -set_serial "0x$(openssl rand -hex 16)" -days 397 \
			-extfile server.ext -out server.new
		rm -f server.csr server.ext
		mv server.new server.pem
	) >/dev/null 2>"$tls/openssl.log" || die "cannot make certificates: $(cat "$tls/openssl.log")"
}

# A port that an instance used before is used again, so that addresses stay the same over restarts. LINK_PORT is where the programs
# find them: the same, or the proxy's.
choose_standin_ports() {
	local name port
	declare -gA STANDIN_PORT=() LINK_PORT=()
	for name in "${STANDINS[@]}"; do
		port=$(cat "$DATA/standin/$name/port" 2>/dev/null || true)
		if ! [[ $port =~ ^[0-9]+$ ]] || port_answers "$port"; then
			draw_port port
			echo "$port" >"$DATA/standin/$name/port"
		fi
		STANDIN_PORT[$name]=$port
		LINK_PORT[$name]=$port
		if wants_part proxy; then
			draw_port "LINK_PORT[$name]"
		fi
	done
}

choose_web_ports() {
	[ "$PORT" != 0 ] || draw_port PORT
	[ "$TLS_PORT" != 0 ] || draw_port TLS_PORT
	[ "$INSTRUCTION_PORT" != 0 ] || draw_port INSTRUCTION_PORT
	LINK_PORT[callers]=$INSTRUCTION_PORT
	! wants_part proxy || draw_port "LINK_PORT[callers]"
	local port
	for port in "$PORT" "$TLS_PORT" "$INSTRUCTION_PORT"; do
		[[ $port =~ ^[0-9]+$ ]] || die "not a port: $port"
		! port_answers "$port" || die "port $port is taken by another program: choose others, for example PORT=8090 TLS_PORT=8453 INSTRUCTION_PORT=8454 make run"
	done
}

write_endpoints() {
	cat >"$DATA/endpoints.json.new" <<END
{
  "http": "http://127.0.0.1:$PORT",
  "https": "https://127.0.0.1:$TLS_PORT",
  "ca": "$DATA/tls/ca.pem",
  "database_socket": "$SOCK",
  "web_socket": "$SOCK/web.sock",
  "standin_sms": "https://127.0.0.1:${STANDIN_PORT[sms]}",
  "standin_identity": "https://127.0.0.1:${STANDIN_PORT[identity]}",
  "standin_carrier": "https://127.0.0.1:${STANDIN_PORT[carrier]}",
  "staff": null,
  "instructions": "https://127.0.0.1:${LINK_PORT[callers]}",
  "sftp": "sftp://$(id -un)@127.0.0.1:${STANDIN_PORT[sftp]}$SFTP_FILES"
}
END
	mv "$DATA/endpoints.json.new" "$DATA/endpoints.json"
}

# realname.conf serves web and jobs (jobs gets its own database role by environment); operator.conf serves realnamectl.
write_configuration() {
	local name
	write_common_settings web >"$DATA/realname.conf.new"
	write_common_settings operator >"$DATA/operator.conf.new"
	for name in realname operator; do
		mv "$DATA/$name.conf.new" "$DATA/$name.conf"
	done
}

write_common_settings() {
	local database=$SOCK
	[ "$1" != web ] || database=$(database_host web)
	cat <<END
# Written anew by every start. To change a setting of this instance, set REALNAME_<NAME> in the environment.
database = host=$database dbname=realname user=realname_$1
templates_dir = $DATA/app/templates
static_manifest = $DATA/app/static/manifest.txt
evidence_dir = $DATA/evidence
image_program = $DATA/app/bin/realname-image
pdf_program = $DATA/app/bin/realname-pdf
sql_dir = $DATA/app/sql
master_keys_file = $DATA/keys/master.keys
lookup_keys_file = $DATA/keys/lookup.keys
code_keys_file = $DATA/keys/code.keys
secrets_dir = $DATA/secrets
web_socket = $SOCK/web.sock
instruction_socket = $SOCK/instruction.sock
public_origin = https://127.0.0.1:$TLS_PORT
automaker = demo
brand = 示例汽车
hotline = 400-000-0000
hotline_hours = 每天 8:00–20:00
outbound_ca_file = $DATA/tls/ca.pem
identity_faceid_url = https://127.0.0.1:${LINK_PORT[identity]}
identity_ocr_url = https://127.0.0.1:${LINK_PORT[identity]}
identity_secret_id = $(cat "$DATA/secrets/identity-secret-id")
identity_secret_key_file = $DATA/secrets/identity-secret-key
sms_url = https://127.0.0.1:${LINK_PORT[sms]}
sms_secret_id = $(cat "$DATA/secrets/sms-secret-id")
sms_secret_key_file = $DATA/secrets/sms-secret-key
sms_app_id = 1400000001
sms_sign = 车联网卡实名登记
sms_template_code = 2000001
sms_template_result_ok = 2000002
sms_template_result_refused = 2000003
sms_template_review = 2000004
sms_template_owner_notice = 2000005
sms_template_cancel_ok = 2000006
sms_template_cancel_refused = 2000007
sms_template_needs_more = 2000016
sms_template_update_ok = 2000017
sms_template_update_refused = 2000018
sms_template_complaint = 2000013
sms_template_handover = 2000034
sms_template_batch_done = 2000019
sms_template_member_added = 2000031
sms_template_member_removed = 2000032
END
}
