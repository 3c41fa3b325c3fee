# The carrier's SFTP server of an instance: OpenSSH's sshd with internal-sftp, on loopback, with a host key and a user key of its own. As
# the instance's account it can only log in that account, and cannot change the root folder; a test with root does. Uses DATA.
# shellcheck shell=bash

# Folders of a profile are made of letters, digits, "_-./": a RUN_DIR with another name gets one in /tmp.
choose_sftp_files() {
	SFTP_FILES=$DATA/standin/sftp/files
	if [[ ! $SFTP_FILES =~ ^[A-Za-z0-9_./-]{1,180}$ ]]; then
		SFTP_FILES=/tmp/realname-sftp-$(id -u)-$(printf '%s' "$DATA" | sha256sum | cut -c1-12)
	fi
	if ! mkdir -m 700 "$SFTP_FILES" 2>/dev/null; then
		[ ! -L "$SFTP_FILES" ] && [ -O "$SFTP_FILES" ] && [ -d "$SFTP_FILES" ] || die "$SFTP_FILES belongs to somebody else"
	fi
}

make_sftp_keys() {
	local name
	for name in "$DATA/standin/sftp/host" "$DATA/secrets/carrier-sftp-key"; do
		[ -s "$name" ] || ssh-keygen -q -t ed25519 -N '' -C '' -f "$name"
	done
	mv -f "$DATA/secrets/carrier-sftp-key.pub" "$DATA/standin/sftp/authorized_keys" 2>/dev/null || true
}

sftp_host_key() {
	ssh-keygen -l -E sha256 -f "$DATA/standin/sftp/host.pub" | sed 's/.*SHA256:\([^ ]*\).*/\1/'
}

write_sftp_configuration() {
	cat >"$DATA/standin/sftp/sshd_config" <<END
ListenAddress 127.0.0.1:${STANDIN_PORT[sftp]}
HostKey "$DATA/standin/sftp/host"
PidFile none
AuthorizedKeysFile "$DATA/standin/sftp/authorized_keys"
StrictModes no
UsePAM no
AuthenticationMethods publickey
Subsystem sftp internal-sftp
ForceCommand internal-sftp
DisableForwarding yes
PermitTTY no
MaxStartups 100
LogLevel INFO
END
}
