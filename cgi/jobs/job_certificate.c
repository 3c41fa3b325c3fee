/* Reads one picture of a certificate: a side of a person's, or that of an organisation, of which a PDF shows its first page. */
#include <string.h>

#include "base/json.h"
#include "base/log.h"
#include "jobs/job.h"
#include "providers/provider.h"
#include "store/datakey.h"
#include "store/evidence.h"

#define FIELDS_MAX 8192

struct task {
	const char *id, *application_id, *evidence_id, *data_key_id, *side;
};

/* *wanted is false when the reading is no longer waited for. */
static enum status load(struct job_run *run, struct task *t, bool *wanted)
{
	struct db_result *r;
	enum status st = db_query(run->db, run->a, &r,
				  "SELECT r.id, r.application_id, coalesce(p.id, r.evidence_id) AS evidence_id, r.side, a.data_key_id FROM reading r "
				  "LEFT JOIN evidence p ON p.page_of = r.evidence_id AND p.page = 1 JOIN application a ON a.id = r.application_id WHERE r.id = $1 AND r.state = 'waiting'",
				  DB_TEXT(run->job->subject));
	*wanted = false;
	if (st != ST_OK || db_rows(r) == 0)
		return st;
	*t = (struct task){
		.id = db_text(r, 0, "id"),
		.application_id = db_text(r, 0, "application_id"),
		.evidence_id = db_text(r, 0, "evidence_id"),
		.data_key_id = db_text(r, 0, "data_key_id"),
		.side = db_text(r, 0, "side"),
	};
	*wanted = true;
	return ST_OK;
}

static char *fields_json(struct arena *a, const char *const names[], const char *const values[], int count)
{
	struct buffer b;
	buffer_init(&b, a, FIELDS_MAX);
	buffer_text(&b, "{");
	for (int i = 0; i < count; i++)
		json_member(&b, names[i], values[i] ? values[i] : "");
	buffer_text(&b, "}");
	return b.overflow ? NULL : b.data;
}

/* The fields as JSON; NULL when nothing was read. */
static char *ask(struct job_run *run, const struct task *t, struct bytes picture, struct provider_result *result)
{
	const struct identity_provider *p = identity_provider(run->config);
	if (strcmp(t->side, "licence") == 0) {
		static const char *const names[] = {"name", "number", "address", "validity"};
		struct identity_licence l = {0};
		p->read_licence(run->config, run->a, picture, &l, result);
		const char *const values[] = {l.name, l.code, l.address, l.validity};
		return result->class == PROVIDER_PASS ? fields_json(run->a, names, values, 4) : NULL;
	}
	if (strcmp(t->side, "front") == 0) {
		static const char *const names[] = {"name", "sex", "nation", "birth", "address", "number"};
		struct identity_card_front f = {0};
		p->read_front(run->config, run->a, picture, &f, result);
		const char *const values[] = {f.name, f.sex, f.nation, f.birth, f.address, f.number};
		return result->class == PROVIDER_PASS ? fields_json(run->a, names, values, 6) : NULL;
	}
	static const char *const names[] = {"authority", "validity"};
	struct identity_card_back k = {0};
	p->read_back(run->config, run->a, picture, &k, result);
	const char *const values[] = {k.authority, k.validity};
	return result->class == PROVIDER_PASS ? fields_json(run->a, names, values, 2) : NULL;
}

/* Only a reading that is still waited for is answered. */
static enum status write_result(struct job_run *run, const char *application_id, const char *state, const struct provider_result *result,
				struct bytes fields)
{
	struct db_result *r;
	enum status st = job_begin(run);
	if (st != ST_OK)
		return st;
	st = db_query(run->db, run->a, &r,
		      "UPDATE reading SET state = $2, provider = $3, provider_request = $4, fields_sealed = $5, cause = $6, raw_code = $7, "
		      "answered_at = now() WHERE id = $1 AND state = 'waiting'",
		      DB_TEXT(run->job->subject), DB_TEXT(state), DB_TEXT(identity_provider(run->config)->name), DB_TEXT(result->request_id),
		      DB_BYTES(fields), DB_TEXT(result->cause), DB_TEXT(result->raw_code));
	/* A side that is read is ready, if its picture is still the one in use. */
	if (st == ST_OK && db_affected(r) == 1 && strcmp(state, "done") == 0)
		st = db_query(run->db, run->a, NULL,
			      "UPDATE application a SET front_ready_at = CASE WHEN a.front_evidence_id = g.evidence_id THEN now() ELSE a.front_ready_at END,"
			      " back_ready_at = CASE WHEN a.back_evidence_id = g.evidence_id THEN now() ELSE a.back_ready_at END"
			      " FROM reading g WHERE g.id = $1 AND a.id = g.application_id",
			      DB_TEXT(run->job->subject));
	if (st == ST_OK && db_affected(r) == 1 && application_id)
		st = audit_write(run->db, run->a, &job_actor, "certificate.read", application_id,
				 arena_printf(run->a, "reading:%s", run->job->subject), result->cause ? result->cause : state, NULL);
	return job_end(run, st);
}

enum status job_certificate_give_up(struct job_run *run)
{
	struct task t;
	bool wanted;
	struct provider_result result = {.raw_code = arena_strdup(run->a, run->error)};
	enum status st = load(run, &t, &wanted);
	if (st != ST_OK)
		return st;
	return wanted ? write_result(run, t.application_id, "unavailable", &result, (struct bytes){NULL, 0}) : job_drop(run);
}

static enum status write_fields(struct job_run *run, const struct task *t, const struct provider_result *result, const char *json)
{
	struct crypt_key key;
	enum status st = job_reach(run);
	if (st == ST_OK)
		st = datakey_load(run->db, run->a, run->keys, t->data_key_id, &key);
	if (st != ST_OK)
		return st;
	struct bytes sealed = sealed_text(run->a, &key, "reading", "fields", t->id, json);
	crypt_wipe(&key, sizeof(key));
	return write_result(run, t->application_id, "done", result, sealed);
}

enum status job_certificate_read(struct job_run *run, enum job_end *end)
{
	struct task t;
	struct bytes picture;
	struct provider_result result = {.class = PROVIDER_TRANSIENT, .score = -1};
	char *media_type;
	bool wanted;
	enum status st = load(run, &t, &wanted);
	if (st != ST_OK)
		return st;
	if (!wanted)
		return job_drop(run);
	st = evidence_load(run->db, run->a, run->keys, run->config->evidence_dir, t.application_id, t.evidence_id,
			   (size_t)run->config->picture_max_mb << 20, &picture, &media_type);
	if (st == ST_NOT_FOUND || st == ST_INVALID || st == ST_LIMIT) {
		log_error("certificate", "reading=%s picture: %s", t.id, status_message());
		run->error = "picture";
		*end = JOB_GIVE_UP;
		return ST_OK;
	}
	if (st != ST_OK)
		return st;
	char *json = ask(run, &t, picture, &result);
	run->error = result.raw_code ? result.raw_code : "no answer";
	switch (result.class) {
	case PROVIDER_PASS:
		if (json)
			return write_fields(run, &t, &result, json);
		run->error = "too long";
		*end = JOB_GIVE_UP;
		return ST_OK;
	case PROVIDER_OPERATOR:
		log_alarm("certificate", "reading=%s refused=%s", t.id, run->error);
		*end = JOB_AGAIN;
		return ST_OK;
	case PROVIDER_TRANSIENT:
		*end = JOB_AGAIN;
		return ST_OK;
	default:
		return write_result(run, t.application_id, "refused", &result, (struct bytes){NULL, 0});
	}
}
