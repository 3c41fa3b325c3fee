/* One message: its state, its attempts, and what it says, masked unless clear text was asked for with a reason, which is on record. */
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "operator/verbs.h"
#include "store/datakey.h"
#include "store/queue.h"
#include "store/t1_decide.h"
#include "t1/fields.h"

#define REASON_CHARACTERS_MAX 100

static char *hide(struct arena *a, const char *text)
{
	(void)text;
	return arena_strdup(a, "(hidden)");
}

/* What fields are about, by the ends of their names; the rest says nothing of a person. */
static const struct {
	const char *end;
	char *(*mask)(struct arena *a, const char *text);
} masks[] = {
	{"CustomerName", mask_name},
	{"CorporationName", mask_name},
	{"OperatorName", mask_name},
	{"CompanyName", mask_name},
	{"VehicleStaffName", mask_name},
	{"CertNumber", mask_number},
	{"CertAddress", mask_address},
	{"PosterAddress", mask_address},
	{"Telephone", mask_phone},
	{"CertDate", hide},
	{"LicensePlateNumber", hide},
	{"VIN", mask_vin},
	{"EngineNum", mask_number},
	{"MotorNum", mask_number},
	{"ExtendPara", hide},
};

static const char *masked(struct arena *a, const char *field, const char *text)
{
	size_t length = strlen(field);

	for (size_t i = 0; i < sizeof masks / sizeof *masks; i++) {
		size_t end = strlen(masks[i].end);

		if (length >= end && strcmp(field + length - end, masks[i].end) == 0)
			return masks[i].mask(a, text);
	}
	return text;
}

static enum status read_reason(struct command *c, bool clear, const char **reason)
{
	*reason = command_given(c, "--reason");
	if (!clear)
		return *reason ? command_usage(c, "--reason goes with --clear") : ST_OK;
	*reason = *reason ? text_clean(c->a, *reason) : NULL;
	if (text_empty(*reason) || text_characters(*reason) > REASON_CHARACTERS_MAX)
		return command_usage(c, "--clear wants --reason with 1 to %d characters", REASON_CHARACTERS_MAX);
	return ST_OK;
}

/* Committed before anything is shown. */
static enum status put_on_record(struct command *c, const char *application_id, const char *id, const char *reason)
{
	struct buffer detail;
	enum status st = db_begin(c->db);

	buffer_init(&detail, c->a, 4096);
	buffer_text(&detail, "{");
	json_member(&detail, "reason", reason);
	buffer_text(&detail, "}");
	if (st == ST_OK)
		st = audit_write(c->db, c->a, &c->actor, "t1.revealed", application_id, arena_printf(c->a, "t1_message:%s", id), "ok",
				 detail.data);
	return command_end(c, st);
}

static const char *said(struct command *c, bool clear, const char *text)
{
	return text_empty(text) ? "-" : clear ? command_shown(c->a, text) : "(hidden)";
}

static const char *at(struct command *c, const struct db_result *r, int row, const char *column)
{
	int64_t t = db_int(r, row, column);

	return t ? clock_page(c->a, t) : "-";
}

static void print_head(struct command *c, const struct db_result *r, bool clear)
{
	fprintf(c->out,
		"message %s\n  RequestID: %s\n  carrier: %s, %s message%s%s\n  card: %s, application %s (%s), card state %s\n  state: %s\n",
		db_text(r, 0, "id"), db_text(r, 0, "request_id"), db_text(r, 0, "slug"), db_text(r, 0, "kind"),
		db_is_null(r, 0, "oper_type") ? "" : ", operation ", db_is_null(r, 0, "oper_type") ? "" : db_text(r, 0, "oper_type"),
		db_text(r, 0, "iccid"), db_text(r, 0, "number"), db_text(r, 0, "application_kind"), db_text(r, 0, "card_state"),
		db_text(r, 0, "state"));
	fprintf(c->out, "  written: %s, first sent: %s, accepted: %s, result: %s, ended: %s\n", at(c, r, 0, "created_at"),
		at(c, r, 0, "sent_at"), at(c, r, 0, "accepted_at"), at(c, r, 0, "result_at"), at(c, r, 0, "answered_at"));
	if (!db_is_null(r, 0, "failure_cause"))
		fprintf(c->out, "  the carrier said: %s\n", said(c, clear, db_text(r, 0, "failure_cause")));
	if (!db_is_null(r, 0, "decision"))
		fprintf(c->out, "  staff decided: %s\n", command_shown(c->a, db_text(r, 0, "decision")));
	if (!db_is_null(r, 0, "superseded_by"))
		fprintf(c->out, "  its place was taken by: %s\n", db_text(r, 0, "superseded_by"));
}

static void print_job(struct command *c, const struct db_result *r)
{
	const struct queue_cause *cause;

	if (db_is_null(r, 0, "job"))
		return;
	fprintf(c->out, "  job %s: %s, attempts %s, last error %s\n", db_text(r, 0, "job"), db_text(r, 0, "job_state"),
		db_text(r, 0, "attempts"), command_shown(c->a, db_text(r, 0, "last_error")));
	if (db_is_null(r, 0, "dead_cause"))
		return;
	cause = queue_cause(db_text(r, 0, "dead_cause"));
	fprintf(c->out, "    given up: %s\n    remedy: %s\n", cause->meaning, cause->remedy);
}

static enum status print_attempts(struct command *c, const char *id, bool clear)
{
	struct db_result *r;
	enum status st =
		db_query(c->db, c->a, &r,
			 "SELECT outcome, http_status, answer, encode(body_sha256, 'hex') AS hash, extract(epoch FROM at)::bigint AS at "
			 "FROM t1_attempt WHERE message_id = $1 ORDER BY id",
			 DB_TEXT(id));

	if (st == ST_OK && db_rows(r) > 0)
		fprintf(c->out, "attempts\n");
	for (int i = 0; st == ST_OK && i < db_rows(r); i++)
		fprintf(c->out, "  %s: %s, HTTP %s, bytes %.16s, answer %s\n", at(c, r, i, "at"),
			db_is_null(r, i, "outcome") ? "no answer known" : db_text(r, i, "outcome"),
			command_shown(c->a, db_text(r, i, "http_status")), db_text(r, i, "hash"), said(c, clear, db_text(r, i, "answer")));
	return st;
}

/* In the order of the table. */
static void print_fields(struct command *c, enum t1_table table, const cJSON *fields, bool clear)
{
	const char *name;

	for (int i = 0; (name = t1_field_name(table, i)); i++) {
		const cJSON *value = cJSON_GetObjectItemCaseSensitive(fields, name);
		const char *text = cJSON_GetStringValue(value);

		if (value && text)
			fprintf(c->out, "  %s: %s\n", name, command_shown(c->a, clear ? text : masked(c->a, name, text)));
		else if (value) {
			char *object = clear ? cJSON_PrintUnformatted(value) : NULL;

			fprintf(c->out, "  %s: %s\n", name, object ? command_shown(c->a, object) : "(hidden)");
			cJSON_free(object);
		}
	}
}

static enum status print_inputs(struct command *c, const struct db_result *r, bool clear)
{
	struct bytes sealed = db_bytes(r, 0, "inputs_sealed");
	struct crypt_key key;
	char *text = NULL;
	const cJSON *fields;
	enum status st = datakey_load(c->db, c->a, c->keys, db_text(r, 0, "data_key_id"), &key);

	fprintf(c->out, "fields\n");
	if (st == ST_NOT_FOUND || sealed.length == 0) {
		fprintf(c->out, "  (erased)\n");
		return ST_OK;
	}
	if (st == ST_OK)
		st = opened_text(c->a, &key, "t1_message", "inputs", db_text(r, 0, "id"), sealed, &text);
	crypt_wipe(&key, sizeof key);
	if (st != ST_OK)
		return st;
	fields = json_read_object(c->a, (struct bytes){(const unsigned char *)text, strlen(text)});
	if (!fields)
		return status_fail(ST_ERROR, "the fields of the message cannot be read");
	print_fields(c, text_equal(db_text(r, 0, "kind"), "account") ? T1_ACCOUNT : T1_VEHICLE, fields, clear);
	return ST_OK;
}

enum status verb_t1_show(struct command *c)
{
	bool clear = command_given(c, "--clear") != NULL;
	const char *reason, *name = command_given(c, "MESSAGE");
	struct db_result *r;
	enum status st = read_reason(c, clear, &reason);

	if (st == ST_OK)
		st = db_query(
			c->db, c->a, &r,
			"SELECT m.id, m.request_id, k.slug, m.kind, m.oper_type, m.state, d.iccid, o.id AS application_id, o.number, "
			"o.kind AS application_kind, "
			"ac.state AS card_state, m.failure_cause, m.decision, s.request_id AS superseded_by, m.data_key_id, "
			"m.inputs_sealed, "
			"extract(epoch FROM m.created_at)::bigint AS created_at, extract(epoch FROM m.sent_at)::bigint AS sent_at, "
			"extract(epoch FROM m.accepted_at)::bigint AS accepted_at, extract(epoch FROM m.result_at)::bigint AS result_at, "
			"extract(epoch FROM m.answered_at)::bigint AS answered_at, j.id AS job, j.attempts, j.last_error, j.dead_cause, "
			"CASE WHEN j.dead_at IS NOT NULL THEN 'given up' WHEN j.behind THEN 'behind another' WHEN j.parked THEN 'waits for "
			"the result' "
			"ELSE 'due' END AS job_state FROM t1_message m JOIN carrier_connection n ON n.id = m.connection_id "
			"JOIN carrier k ON k.id = n.carrier_id JOIN card d ON d.id = m.card_id JOIN application_card ac ON ac.id = "
			"m.application_card_id "
			"JOIN application o ON o.id = ac.application_id LEFT JOIN t1_message s ON s.id = m.superseded_by "
			"LEFT JOIN job j ON j.kind = 't1_send' AND j.subject = m.id WHERE m.request_id = $1 OR m.id = $2",
			DB_TEXT(name), DB_TEXT(t1_message_id(name)));
	if (st == ST_OK && db_rows(r) != 1)
		st = status_fail(ST_NOT_FOUND, "there is no message with this id or RequestID");
	if (st == ST_OK && clear)
		st = put_on_record(c, db_text(r, 0, "application_id"), db_text(r, 0, "id"), reason);
	if (st != ST_OK)
		return st;
	print_head(c, r, clear);
	print_job(c, r);
	st = print_attempts(c, db_text(r, 0, "id"), clear);
	return st == ST_OK ? print_inputs(c, r, clear) : st;
}
