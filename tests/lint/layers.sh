#!/bin/sh
# A folder of cgi/ may include only what is below it (docs/architecture.md), and some libraries have one user only.
cd "$(dirname "$0")/../.." || exit 2
bad=0

# folder: what it may include besides itself
check() {
	folder=$1
	shift
	allowed=$(printf '%s|' "$folder" "$@")
	for line in $(grep -nE '^#include "[a-z0-9_]+/' "cgi/$folder"/*.[ch] 2>/dev/null | sed 's/#include //; s/ //g'); do
		included=$(printf '%s' "$line" | sed 's/.*"\([a-z0-9_]*\)\/.*/\1/')
		if ! printf '%s' "|$allowed" | grep -q "|$included|"; then
			echo "not ok layers: $line: $folder must not include $included"
			bad=1
		fi
	done
}
check base
check db base
check tpl base
check image base
check table base
check domain base
check t1 base domain
check providers base
check http base db tpl
check store base db domain t1
check jobs base db image domain t1 providers store
check operator base db domain t1 store table
check flow base db tpl http image domain store table
check carrier base db http domain t1 store

# header: its only user
only() {
	pattern=$1
	allowed=$2
	for file in $(grep -rlE "#include <$pattern" cgi | grep -vE "$allowed"); do
		echo "not ok layers: $file includes $pattern"
		bad=1
	done
}
only 'libpq-fe' '^cgi/db/'
only 'openssl/' '^cgi/base/'
only 'curl/' '^cgi/providers/(http_client|sftp).c'
only 'ClearSilver|cgi/cgi|util/neo' '^cgi/tpl/'
only 'fcgi' '^cgi/(http/re(quest|sponse).c|http/request_io.h|main_(web|instruction).c)'
only 'gd.h' '^cgi/image/'
only 'qrencode' '^cgi/flow/qr.c'
only 'zip.h' '^cgi/(base/archive|table/package).c'
only 'expat' '^cgi/table/xml.c'
only 'xlsxwriter' '^cgi/table/writer_xlsx.c'
only 'iconv' '^cgi/table/encoding.c'
only '(pango|cairo)' '^cgi/image/page.c'
only 'poppler' '^cgi/image/pdf.c'
[ "$bad" = 0 ] && echo "ok layers"
exit $bad
