/* Applications: the list and one of them. */
#include "base/clock.h"
#include "domain/transition.h"
#include "operator/application.h"
#include "operator/verbs.h"

#define LIST_PRESET 50
#define LIST_MAX 10000

enum status verb_application_list(struct command *c)
{
	const char *state = command_given(c, "--state");
	enum card_state known;
	struct db_result *r;
	int64_t limit;
	enum status st;

	if (state && !transition_by_name(&known, state))
		return command_usage(c,
				     "--state is one of draft, submitted, review, needs_more, pushing, done, refused, withdrawn, expired");
	if ((st = command_number(c, "--limit", LIST_PRESET, LIST_MAX, &limit)) != ST_OK)
		return st;
	st = db_query(c->db, c->a, &r,
		      "SELECT x.number, x.kind, x.state, x.cards, x.vin, x.at FROM (SELECT a.number, a.kind, a.created_at, "
		      "v.vin, " APPLICATION_STATE " AS state, "
		      "(SELECT count(*) FROM application_card ac WHERE ac.application_id = a.id) AS cards, "
		      "extract(epoch FROM coalesce(a.submitted_at, a.created_at))::bigint AS at "
		      "FROM application a LEFT JOIN vehicle v ON v.id = a.vehicle_id) x "
		      "WHERE $1::text IS NULL OR $1 = ANY(string_to_array(x.state, ',')) ORDER BY x.created_at DESC LIMIT $2",
		      DB_TEXT(state), DB_INT(limit));
	if (st != ST_OK)
		return st;
	fprintf(c->out, "number\tkind\tstate\tcards\tVIN\tsubmitted or begun\n");
	for (int i = 0; i < db_rows(r); i++)
		fprintf(c->out, "%s\t%s\t%s\t%s\t%s\t%s\n", db_text(r, i, "number"), db_text(r, i, "kind"), db_text(r, i, "state"),
			db_text(r, i, "cards"), command_shown(c->a, mask_vin(c->a, db_text(r, i, "vin"))),
			clock_page(c->a, db_int(r, i, "at")));
	return ST_OK;
}

enum status verb_application_show(struct command *c)
{
	static enum status (*const parts[])(struct command *, const struct application *) = {
		application_print_head,   application_print_holder,   application_print_vehicle, application_print_cards,
		application_print_checks, application_print_messages, application_print_audit,
	};
	struct application p = {0};
	enum status st = application_open(c, &p);

	for (size_t i = 0; st == ST_OK && i < sizeof parts / sizeof *parts; i++)
		st = parts[i](c, &p);
	application_close(&p);
	return st;
}
