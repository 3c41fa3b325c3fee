/* A car's status changes: it was transferred, scrapped, or came back. */
#include <string.h>

#include "base/clock.h"
#include "domain/identifiers.h"
#include "operator/verbs.h"
#include "store/vehicle_status.h"

static const char *const names[] = {NULL, "production", "testing", "sale", "sold", "transferred", "scrapped"};
#define STATUS_MAX 6

/* A number as in table 8, or its word; 0 for anything else. */
static int read_status(const char *text)
{
	for (int i = 1; i <= STATUS_MAX; i++)
		if (strcmp(text, names[i]) == 0 || (text[0] == '0' + i && !text[1]))
			return i;
	return 0;
}

enum status verb_vehicle_status(struct command *c)
{
	const char *vin = text_code(c->a, command_given(c, "VIN")), *when = command_given(c, "--at");
	int status = read_status(command_given(c, "STATUS"));
	struct vehicle_told told;
	int64_t at = 0;
	enum status st;

	if (vin_check(vin) != VIN_OK)
		return command_usage(c, "VIN wants 17 characters");
	if (!status)
		return command_usage(c, "STATUS is 1 to 6, or production, testing, sale, sold, transferred, scrapped");
	if (when && (!clock_t1_parse(&at, when) || at > clock_now()))
		return command_usage(c, "--at wants a time that has been, YYYYMMDDHHMISS, of Shanghai");
	if ((st = db_begin(c->db)) != ST_OK)
		return st;
	st = command_end(c, vehicle_status_change(c->db, c->a, c->config, c->keys, &c->actor, vin, status, at, &told));
	if (st != ST_OK)
		return st;
	fprintf(c->out, "car %s is %s since %s; the carriers of %d cards are told%s\n", mask_vin(c->a, vin), names[status],
		clock_page(c->a, told.since), told.cards, told.again ? " again" : "");
	if (told.under_way > 0)
		fprintf(c->out,
			"%d of its cards have an application that is not finished and are not told: when it is, the same command tells those "
			"whose carrier was told another status\n",
			told.under_way);
	return ST_OK;
}
