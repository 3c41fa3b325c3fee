/* Reports of misuse (不是我办的): the list, one of them with its application, and its end. Who it is about is shown only on record. */
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "operator/application.h"
#include "operator/verbs.h"
#include "store/by_staff.h"

#define LIST_PRESET 50
#define LIST_MAX 10000
#define REASON_CHARACTERS_MAX 100

static const struct {
	const char *name, *meaning;
} outcomes[] = {
	{"misuse", "somebody else did it"},
	{"own", "it was the person's own, or done for him"},
	{"unreachable", "nobody answers at that phone"},
};

enum status verb_misuse_list(struct command *c)
{
	const char *state = command_given(c, "--state");
	struct db_result *r;
	int64_t limit;
	enum status st;

	if (state && strcmp(state, "open") != 0 && strcmp(state, "closed") != 0)
		return command_usage(c, "--state is one of open, closed");
	if ((st = command_number(c, "--limit", LIST_PRESET, LIST_MAX, &limit)) != ST_OK)
		return st;
	st = db_query(c->db, c->a, &r,
	              "SELECT m.number, a.number AS application, a.kind, " APPLICATION_STATE " AS state, v.vin, coalesce(m.outcome, 'open') AS outcome,"
	              " extract(epoch FROM m.created_at)::bigint AS at FROM misuse_report m JOIN application a ON a.id = m.application_id"
	              " LEFT JOIN vehicle v ON v.id = a.vehicle_id WHERE $1::text IS NULL OR (m.closed_at IS NULL) = ($1 = 'open')"
	              " ORDER BY m.created_at LIMIT $2",
	              DB_TEXT(state), DB_INT(limit));
	if (st != ST_OK)
		return st;
	fprintf(c->out, "number\treported\toutcome\tapplication\tkind\tcards\tVIN\n");
	for (int i = 0; i < db_rows(r); i++)
		fprintf(c->out, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", db_text(r, i, "number"), clock_page(c->a, db_int(r, i, "at")), db_text(r, i, "outcome"),
		        db_text(r, i, "application"), db_text(r, i, "kind"), db_text(r, i, "state"), mask_vin(c->a, db_text(r, i, "vin")));
	return ST_OK;
}

enum status verb_misuse_show(struct command *c)
{
	static enum status (*const parts[])(struct command *, const struct application *) = {
		application_print_head, application_print_note, application_print_holder, application_print_vehicle, application_print_cards, application_print_checks,
	};
	struct application p = {0};
	struct db_result *r;
	enum status st = db_query(c->db, c->a, &r,
	                          "SELECT m.number, a.number AS application, m.outcome, m.closed_by, extract(epoch FROM m.created_at)::bigint AS at,"
	                          " extract(epoch FROM m.closed_at)::bigint AS closed_at FROM misuse_report m JOIN application a ON a.id = m.application_id"
	                          " WHERE m.number = $1",
	                          DB_TEXT(text_code(c->a, command_given(c, "NUMBER"))));

	if (st == ST_OK && db_rows(r) != 1)
		st = status_fail(ST_NOT_FOUND, "there is no report with this number");
	if (st == ST_OK)
		st = application_open_number(c, db_text(r, 0, "application"), &p);
	if (st != ST_OK)
		return st;
	fprintf(c->out, "report %s\n  reported: %s\n", db_text(r, 0, "number"), clock_page(c->a, db_int(r, 0, "at")));
	if (db_int(r, 0, "closed_at"))
		fprintf(c->out, "  closed: %s, %s, by %s\n", clock_page(c->a, db_int(r, 0, "closed_at")), db_text(r, 0, "outcome"), db_text(r, 0, "closed_by"));
	for (size_t i = 0; st == ST_OK && i < sizeof parts / sizeof *parts; i++)
		st = parts[i](c, &p);
	application_close(&p);
	return st;
}

static const char *outcome_names(struct command *c)
{
	struct buffer b;

	buffer_init(&b, c->a, 256);
	for (size_t i = 0; i < sizeof outcomes / sizeof *outcomes; i++)
		buffer_printf(&b, "%s%s (%s)", i ? ", " : "", outcomes[i].name, outcomes[i].meaning);
	return b.data;
}

static bool outcome_known(const char *name)
{
	for (size_t i = 0; i < sizeof outcomes / sizeof *outcomes; i++)
		if (strcmp(outcomes[i].name, name) == 0)
			return true;
	return false;
}

/* What is registered from the application ends by a cancellation of its own, through the same messages as one of the holder. */
static enum status cancel(struct command *c, const char *application_id, struct buffer *detail, char **told)
{
	struct by_staff w = {c->db, c->a, c->config, c->keys, &c->actor};
	char *numbers;
	int cards;
	enum status st = by_staff_cancel(&w, application_id, &cards, &numbers);

	if (st != ST_OK)
		return st;
	json_member(detail, "cancelled_by", numbers);
	*told = arena_printf(c->a, "; %d cards are being cancelled: application %s", cards, numbers);
	return ST_OK;
}

/* Says what people found out, and with --cancel ends what is registered from it: also later, when that was not wanted at first or the
 * carrier refused it. */
enum status verb_misuse_close(struct command *c)
{
	const char *outcome = command_given(c, "OUTCOME"), *reason = text_clean(c->a, command_given(c, "--reason"));
	bool cancels = command_given(c, "--cancel") != NULL, again;
	char *told = "";
	struct db_result *r;
	struct buffer detail;
	enum status st;

	if (!outcome_known(outcome))
		return command_usage(c, "OUTCOME is one of %s", outcome_names(c));
	if (text_empty(reason) || text_characters(reason) > REASON_CHARACTERS_MAX)
		return command_usage(c, "--reason wants 1 to %d characters", REASON_CHARACTERS_MAX);
	if (cancels && strcmp(outcome, "misuse") != 0)
		return command_usage(c, "--cancel is for the outcome misuse");
	if ((st = db_begin(c->db)) != ST_OK)
		return st;
	st = db_query(c->db, c->a, &r,
	              "SELECT id, number, application_id, outcome FROM misuse_report WHERE number = $1 FOR UPDATE",
	              DB_TEXT(text_code(c->a, command_given(c, "NUMBER"))));
	if (st == ST_OK && db_rows(r) != 1)
		st = status_fail(ST_NOT_FOUND, "there is no report with this number");
	again = st == ST_OK && cancels && text_equal(db_text(r, 0, "outcome"), outcome);
	if (st == ST_OK && db_text(r, 0, "outcome") && !again)
		st = status_fail(ST_CONFLICT, "report %s is closed already: %s", db_text(r, 0, "number"), db_text(r, 0, "outcome"));
	if (st == ST_OK && !again)
		st = db_query(c->db, c->a, NULL, "UPDATE misuse_report SET closed_at = now(), closed_by = $2, outcome = $3 WHERE id = $1",
		              DB_TEXT(db_text(r, 0, "id")), DB_TEXT(c->actor.name), DB_TEXT(outcome));
	buffer_init(&detail, c->a, 4096);
	buffer_printf(&detail, "{\"outcome\":\"%s\"", outcome);
	json_member(&detail, "reason", reason);
	if (st == ST_OK && cancels)
		st = cancel(c, db_text(r, 0, "application_id"), &detail, &told);
	buffer_text(&detail, "}");
	if (st == ST_OK)
		st = audit_write(c->db, c->a, &c->actor, again ? "misuse.cancelled" : "misuse.closed", db_text(r, 0, "application_id"),
		                 arena_printf(c->a, "misuse_report:%s", db_text(r, 0, "id")), "ok", detail.data);
	if ((st = command_end(c, st)) == ST_OK)
		fprintf(c->out, "report %s is closed: %s%s\n", db_text(r, 0, "number"), outcome, told);
	return st;
}
