/* Settings, version, the audit chain. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "operator/verbs.h"

enum status verb_config(struct command *c)
{
	config_print(c->config, c->out);
	return ST_OK;
}

enum status verb_version(struct command *c)
{
	fprintf(c->out, "realnamectl %s\n", REALNAME_VERSION);
	return ST_OK;
}

/* "SEQUENCE:HASH", as audit verify prints it. */
static enum status read_link(struct command *c, struct audit_link *out)
{
	struct bytes hash;
	char *end;
	const char *text = command_given(c, "--since");
	long long sequence = strtoll(text, &end, 10);

	if (sequence < 1 || *end != ':' || hex_decode(c->a, end + 1, &hash) != ST_OK || hash.length != sizeof out->hash)
		return command_usage(c, "--since wants a link as audit verify printed it: SEQUENCE:HASH");
	out->sequence = sequence;
	memcpy(out->hash, hash.data, sizeof out->hash);
	return ST_OK;
}

enum status verb_audit_verify(struct command *c)
{
	struct audit_link kept, last;
	const char *since = command_given(c, "--since");
	enum status st = since ? read_link(c, &kept) : ST_OK;

	/* it looks at every row that there is */
	if (st == ST_OK)
		st = db_script(c->db, "SET statement_timeout = 0");
	if (st == ST_OK)
		st = audit_verify(c->db, c->a, since ? &kept : NULL, &last);
	if (st != ST_OK)
		return st;
	fprintf(c->out, "the audit chain is whole: %" PRId64 " rows\n", last.sequence);
	if (since)
		fprintf(c->out, "it holds the link %" PRId64 " that was kept\n", kept.sequence);
	fprintf(c->out, "last link\t%" PRId64 ":%s\n", last.sequence, hex_encode(c->a, last.hash, sizeof last.hash));
	return ST_OK;
}
