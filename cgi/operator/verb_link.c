/* Links for owners: the cars that the operator names, in an address that is used once. */
#include <string.h>

#include "base/clock.h"
#include "domain/identifiers.h"
#include "domain/kind.h"
#include "operator/verbs.h"
#include "store/entry.h"

static enum status read_vins(struct command *c, const char **vins, int *count)
{
	char *rest = arena_strdup(c->a, command_given(c, "VIN...")), *one;

	*count = 0;
	while ((one = strsep(&rest, " ,")) != NULL) {
		if (!*one)
			continue;
		if (*count == ENTRY_CARS_MAX)
			return command_usage(c, "a link carries at most %d cars", ENTRY_CARS_MAX);
		vins[*count] = text_code(c->a, one);
		if (vin_check(vins[(*count)++]) != VIN_OK)
			return command_usage(c, "number %d is not a VIN", *count);
	}
	return *count > 0 ? ST_OK : command_usage(c, "VIN... is missing");
}

enum status verb_link(struct command *c)
{
	const char *vins[ENTRY_CARS_MAX], *kind = command_given(c, "--flow");
	struct entry_order order = {.vins = vins, .kind = kind};
	int64_t hours;
	char *token;
	int unknown;
	enum status st = read_vins(c, vins, &order.count);

	if (st == ST_OK && kind && !application_kind(kind))
		st = command_usage(c, "--flow is register, cancel or update");
	if (st == ST_OK)
		st = command_number(c, "--hours", 24, ENTRY_HOURS_MAX, &hours);
	if (st == ST_OK && text_empty(c->config->public_origin))
		st = status_fail(ST_INVALID, "the setting public_origin is missing");
	if (st == ST_OK)
		st = db_begin(c->db);
	if (st != ST_OK)
		return st;
	order.expires_at = clock_now() + hours * 3600;
	st = entry_create(c->db, c->a, c->config, c->keys, &c->actor, &order, &token, &unknown);
	if (st == ST_OK && unknown >= 0)
		st = status_fail(ST_NOT_FOUND, "car number %d is not known", unknown + 1);
	st = command_end(c, st);
	if (st == ST_OK)
		fprintf(c->out, "%s/e/%s\n", c->config->public_origin, token);
	return st;
}
