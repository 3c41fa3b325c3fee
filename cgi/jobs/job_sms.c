/* Sends a short message. The digits of a code and the token of a link exist only here and in the message itself. */
#include <cjson/cJSON.h>
#include <inttypes.h>
#include <string.h>

#include "base/log.h"
#include "jobs/job.h"
#include "providers/provider.h"
#include "store/datakey.h"
#include "store/handover.h"
#include "store/sms.h"

#define PARAMETERS_MAX 6
#define CODE_PATIENCE_S 60 /* after that the user has asked again */
#define PATIENCE_S (24 * 3600)
#define LINK_PATIENCE_S (HANDOVER_MINUTES * 60)

struct message {
	const char *id, *template_name, *template_id;
	bool is_code, is_link;
	int64_t age_s;
	char *phone;
	const char *parameters[PARAMETERS_MAX];
	int count;
};

static const char *template_id(const struct config *c, const char *name)
{
	const struct {
		const char *name, *id;
	} templates[] = {
		{"code", c->sms_template_code},
		{"result_ok", c->sms_template_result_ok},
		{"result_refused", c->sms_template_result_refused},
		{"review", c->sms_template_review},
		{"owner_notice", c->sms_template_owner_notice},
		{"cancel_ok", c->sms_template_cancel_ok},
		{"cancel_refused", c->sms_template_cancel_refused},
		{"needs_more", c->sms_template_needs_more},
		{"update_ok", c->sms_template_update_ok},
		{"update_refused", c->sms_template_update_refused},
		{"complaint", c->sms_template_complaint},
		{"handover", c->sms_template_handover},
		{"batch_done", c->sms_template_batch_done},
		{"member_added", c->sms_template_member_added},
		{"member_removed", c->sms_template_member_removed},
	};
	for (size_t i = 0; i < sizeof(templates) / sizeof(templates[0]); i++)
		if (strcmp(templates[i].name, name) == 0)
			return templates[i].id;
	return NULL;
}

/* Digits and minutes. *expired: nobody can use it any more. */
static enum status code_parameters(struct job_run *run, struct message *m, bool *expired)
{
	struct db_result *r;
	enum status st =
		db_query(run->db, run->a, &r,
			 "SELECT id, seed, expires_at <= now() OR used_at IS NOT NULL AS expired FROM sms_code WHERE message_id = $1",
			 DB_TEXT(m->id));
	if (st != ST_OK)
		return st;
	*expired = db_rows(r) == 0 || db_bool(r, 0, "expired");
	if (*expired)
		return ST_OK;
	char *digits = arena_alloc(run->a, 7);
	sms_code_digits(digits, run->keys, db_text(r, 0, "id"), db_bytes(r, 0, "seed"));
	m->parameters[0] = digits;
	m->parameters[1] = arena_printf(run->a, "%d", run->config->sms_code_minutes);
	m->count = 2;
	return ST_OK;
}

/* The token of the link, which stands nowhere else, and the minutes. *expired: it opens nothing any more. */
static enum status link_parameters(struct job_run *run, struct message *m, bool *expired)
{
	struct handover h;
	enum status st = handover_of_message(run->db, run->a, m->id, &h);
	if (st != ST_OK)
		return st;
	m->parameters[0] = h.state == HANDOVER_NONE ? NULL : handover_token(run->a, run->keys, &h);
	*expired = m->parameters[0] == NULL;
	m->parameters[1] = arena_printf(run->a, "%d", HANDOVER_MINUTES);
	m->count = 2;
	return ST_OK;
}

static void release_json(void *object)
{
	cJSON_Delete(object);
}

static enum status row_parameters(struct job_run *run, struct message *m, const char *json)
{
	cJSON *list = cJSON_Parse(json), *item;
	if (!list)
		return status_fail(ST_ERROR, "parameters of a message are not a list");
	arena_cleanup(run->a, release_json, list);
	cJSON_ArrayForEach(item, list)
	{
		const char *text = cJSON_GetStringValue(item);
		if (!text || m->count == PARAMETERS_MAX)
			return status_fail(ST_INVALID, "parameters of a message are not acceptable");
		m->parameters[m->count++] = text;
	}
	return ST_OK;
}

/* *wanted is false when there is nothing (more) to send. */
static enum status load(struct job_run *run, struct message *m, bool *wanted)
{
	struct db_result *r;
	bool expired = false;
	enum status st = db_query(run->db, run->a, &r,
				  "SELECT id, template, to_json(parameters) AS parameters, phone_sealed, state, "
				  "extract(epoch FROM now() - created_at)::bigint AS age FROM sms_message WHERE id = $1",
				  DB_TEXT(run->job->subject));
	*wanted = false;
	if (st != ST_OK || db_rows(r) == 0 || strcmp(db_text(r, 0, "state"), "waiting") != 0)
		return st;
	*m = (struct message){
		.id = db_text(r, 0, "id"),
		.template_name = db_text(r, 0, "template"),
		.template_id = template_id(run->config, db_text(r, 0, "template")),
		.is_code = strcmp(db_text(r, 0, "template"), "code") == 0,
		.is_link = strcmp(db_text(r, 0, "template"), "handover") == 0,
		.age_s = db_int(r, 0, "age"),
	};
	st = opened_by_master(run->a, run->keys, "sms_message", "phone", m->id, db_bytes(r, 0, "phone_sealed"), &m->phone);
	if (st == ST_OK)
		st = m->is_code   ? code_parameters(run, m, &expired)
		     : m->is_link ? link_parameters(run, m, &expired)
				  : row_parameters(run, m, db_text(r, 0, "parameters"));
	*wanted = st == ST_OK;
	if (expired || !m->phone)
		m->phone = NULL;
	return st;
}

static enum status write_result(struct job_run *run, const char *state, const char *raw_code, const char *serial)
{
	enum status st = job_begin(run);
	if (st != ST_OK)
		return st;
	st = db_query(
		run->db, run->a, NULL,
		"UPDATE sms_message SET state = $2, raw_code = $3, serial = $4, answered_at = now() WHERE id = $1 AND state = 'waiting'",
		DB_TEXT(run->job->subject), DB_TEXT(state), DB_TEXT(raw_code), DB_TEXT(serial));
	return job_end(run, st);
}

enum status job_sms_give_up(struct job_run *run)
{
	return write_result(run, "failed", run->error, NULL);
}

/* A message may have gone out although no answer came. A second code confuses more than it helps; a result may come twice. */
static enum job_end after_trouble(struct job_run *run, const struct message *m, const struct provider_result *result)
{
	int64_t left = (m->is_code ? CODE_PATIENCE_S : m->is_link ? LINK_PATIENCE_S : PATIENCE_S) - m->age_s;
	if (left <= 0 || (m->is_code && provider_may_have_acted(result)))
		return JOB_GIVE_UP;
	run->delay_max_s = (double)left;
	return JOB_AGAIN;
}

enum status job_sms_send(struct job_run *run, enum job_end *end)
{
	struct message m;
	struct provider_result result = {.class = PROVIDER_TRANSIENT, .score = -1};
	char *serial = NULL;
	bool wanted;
	enum status st = load(run, &m, &wanted);
	if (st != ST_OK)
		return st;
	if (!wanted)
		return job_drop(run);
	if (!m.phone || text_empty(m.template_id)) {
		run->error = m.phone ? "no template" : "expired";
		if (m.phone)
			log_alarm("sms", "template=%s has no id in the settings", m.template_name);
		*end = JOB_GIVE_UP;
		return ST_OK;
	}
	sms_provider(run->config)->send(run->config, run->a, m.phone, m.template_id, m.parameters, m.count, &serial, &result);
	run->error = result.raw_code ? result.raw_code : "no answer";
	run->called = true;
	run->report = result.class != PROVIDER_TRANSIENT        ? LANE_OK
		      : strcmp(run->error, "http.connect") == 0 ? LANE_NO_CONNECTION
								: LANE_FAILED;
	switch (result.class) {
	case PROVIDER_PASS:
		return write_result(run, "sent", result.raw_code, serial);
	case PROVIDER_TRANSIENT:
		*end = after_trouble(run, &m, &result);
		return ST_OK;
	case PROVIDER_OPERATOR: /* a key, a package, a clock: somebody mends it, and a result can still be told */
		log_alarm("sms", "template=%s refused=%s", m.template_name, run->error);
		*end = m.is_code ? JOB_GIVE_UP : after_trouble(run, &m, &result);
		return ST_OK;
	default:
		*end = JOB_GIVE_UP;
		return ST_OK;
	}
}
