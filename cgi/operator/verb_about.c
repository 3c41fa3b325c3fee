/* Settings, version, the audit chain. */
#include <inttypes.h>

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

enum status verb_audit_verify(struct command *c)
{
	int64_t rows;
	enum status st = audit_verify(c->db, c->a, &rows);

	if (st == ST_OK)
		fprintf(c->out, "the audit chain is whole: %" PRId64 " rows\n", rows);
	return st;
}
