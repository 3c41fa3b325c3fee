/* Verifies a clip against the authority's picture, or against the picture of the certificate. */
#include <string.h>

#include "base/log.h"
#include "jobs/job.h"
#include "providers/provider.h"
#include "store/datakey.h"
#include "store/evidence.h"

#define CLIP_MAX (8u << 20)
#define TYPE_BY_AUTHORITY "ID_CARD"

struct task {
	const char *id, *application_id, *evidence_id, *front_evidence_id, *data_key_id, *certificate_type, *digits;
	const char *party_id, *role; /* of whom the clip shows: the holder, or the responsible person of an organisation */
	bool current; /* the clip is still the one that the application waits for */
	char *name, *number;
	struct bytes clip, front;
};

static enum status load_row(struct job_run *run, struct task *t, bool *wanted)
{
	struct db_result *r;
	enum status st = db_query(run->db, run->a, &r,
				  "SELECT v.id, v.application_id, v.evidence_id, a.front_evidence_id, a.data_key_id, p.id AS party_id, p.role, p.certificate_type, l.digits, "
				  "a.clip_evidence_id IS NOT DISTINCT FROM v.evidence_id AND a.submitted_at IS NULL AND a.expired_at IS NULL AS current "
				  "FROM verification v JOIN application a ON a.id = v.application_id LEFT JOIN live_code l ON l.id = v.live_code_id "
				  "LEFT JOIN application_party p ON p.application_id = a.id "
				  "AND p.role = CASE a.holder WHEN 'person' THEN 'holder' ELSE 'responsible_person' END WHERE v.id = $1 AND v.kind = 'liveness' AND v.state = 'waiting'",
				  DB_TEXT(run->job->subject));
	*wanted = false;
	if (st != ST_OK || db_rows(r) == 0)
		return st;
	*t = (struct task){
		.id = db_text(r, 0, "id"),
		.application_id = db_text(r, 0, "application_id"),
		.evidence_id = db_text(r, 0, "evidence_id"),
		.front_evidence_id = db_text(r, 0, "front_evidence_id"),
		.data_key_id = db_text(r, 0, "data_key_id"),
		.party_id = db_text(r, 0, "party_id"),
		.role = db_text(r, 0, "role"),
		.certificate_type = db_text(r, 0, "certificate_type"),
		.digits = db_text(r, 0, "digits"),
		.current = db_bool(r, 0, "current"),
	};
	*wanted = true;
	return ST_OK;
}

static enum status load_holder(struct job_run *run, struct task *t, const struct crypt_key *key)
{
	struct db_result *r;
	enum status st = db_query(run->db, run->a, &r,
				  "SELECT id, name_sealed, number_sealed FROM application_party WHERE id = $1", DB_TEXT(t->party_id));
	if (st != ST_OK)
		return st;
	if (db_rows(r) == 0)
		return status_fail(ST_NOT_FOUND, "no holder");
	return OPENED_COLUMNS(run->a, key, "application_party", db_text(r, 0, "id"), r, 0, {"name", &t->name}, {"number", &t->number});
}

static enum status load_files(struct job_run *run, struct task *t)
{
	char *media_type;
	if (!t->evidence_id || !t->digits || !t->certificate_type)
		return status_fail(ST_NOT_FOUND, "clip or digits are missing");
	enum status st = evidence_load(run->db, run->a, run->keys, run->config->evidence_dir, t->application_id, t->evidence_id, CLIP_MAX, &t->clip,
				       &media_type);
	if (st != ST_OK || strcmp(t->certificate_type, TYPE_BY_AUTHORITY) == 0)
		return st;
	if (!t->front_evidence_id)
		return status_fail(ST_NOT_FOUND, "the picture of the certificate is missing");
	return evidence_load(run->db, run->a, run->keys, run->config->evidence_dir, t->application_id, t->front_evidence_id,
			     (size_t)run->config->picture_max_mb << 20, &t->front, &media_type);
}

/* Writes the answer of a verification that is still waited for; *written tells. In the caller's transaction. */
static enum status answer(struct job_run *run, const struct task *t, const char *state, const struct provider_result *result, bool counts, bool *written)
{
	struct db_result *r;
	const char *score = result->score >= 0 ? arena_printf(run->a, "%.3f", result->score) : NULL;
	enum status st = db_query(run->db, run->a, &r,
				  "UPDATE verification SET state = $2, provider = $3, request_id = $4, cause = $5, raw_code = $6, score = $7, counts = $8, "
				  "answered_at = now() WHERE id = $1 AND state = 'waiting'",
				  DB_TEXT(t->id), DB_TEXT(state), DB_TEXT(identity_provider(run->config)->name), DB_TEXT(result->request_id),
				  DB_TEXT(result->cause), DB_TEXT(result->raw_code), DB_TEXT(score), DB_BOOL(counts));
	*written = st == ST_OK && db_affected(r) == 1;
	if (!*written)
		return st;
	return audit_write(run->db, run->a, &job_actor, arena_printf(run->a, "liveness.%s", state), t->application_id,
			   arena_printf(run->a, "verification:%s", t->id), result->cause ? result->cause : "ok", NULL);
}

static enum status write_answer(struct job_run *run, const struct task *t, const char *state, const struct provider_result *result, bool counts)
{
	bool written;
	enum status st = job_begin(run);
	if (st != ST_OK)
		return st;
	st = answer(run, t, state, result, counts, &written);
	return job_end(run, st);
}

/* In the transaction of the results. ST_CONFLICT when the user has recorded another clip meanwhile. */
static enum status accept_portrait(struct job_run *run, const struct task *t, const struct evidence_file *file)
{
	struct db_result *r;
	char *id;
	const struct evidence_row row = {
		.application_id = t->application_id,
		.role = t->role,
		.purpose = "portrait",
		.media_type = "image/jpeg",
		.retention_class = "enrolment",
		.data_key_id = t->data_key_id,
	};
	enum status st = evidence_insert(run->db, run->a, &row, file, &id);
	if (st != ST_OK)
		return st;
	st = db_query(run->db, run->a, &r,
		      "UPDATE application SET portrait_evidence_id = $3, liveness_passed_at = now() WHERE id = $1 AND clip_evidence_id = $2 "
		      "AND submitted_at IS NULL AND expired_at IS NULL",
		      DB_TEXT(t->application_id), DB_TEXT(t->evidence_id), DB_TEXT(id));
	if (st != ST_OK)
		return st;
	return db_affected(r) == 1 ? ST_OK : status_fail(ST_CONFLICT, "the clip is no longer the current one");
}

static enum status store_portrait(struct job_run *run, const struct task *t, struct bytes frame, struct evidence_file *file)
{
	struct crypt_key key;
	struct evidence_writer *w;
	enum status st = job_reach(run);
	if (st == ST_OK)
		st = datakey_load(run->db, run->a, run->keys, t->data_key_id, &key);
	if (st != ST_OK)
		return st;
	st = evidence_start(&w, run->a, run->config->evidence_dir, &key);
	crypt_wipe(&key, sizeof(key));
	if (st == ST_OK)
		st = evidence_write(w, frame.data, frame.length);
	return st == ST_OK ? evidence_finish(w, file) : st;
}

/* A verification that nobody waits for any more: another clip came, or the draft ended. */
static enum status write_superseded(struct job_run *run, const struct task *t)
{
	const struct provider_result result = {.score = -1, .raw_code = arena_strdup(run->a, "superseded")};
	return write_answer(run, t, "unavailable", &result, false);
}

static enum status write_passed(struct job_run *run, const struct task *t, const struct provider_result *result, struct bytes frame)
{
	struct evidence_file file;
	bool written = false;
	enum status st = store_portrait(run, t, frame, &file);
	if (st != ST_OK)
		return st;
	if ((st = job_begin(run)) == ST_OK) {
		st = answer(run, t, "passed", result, false, &written);
		if (st == ST_OK && !written)
			st = status_fail(ST_CONFLICT, "the verification is no longer waited for");
		if (st == ST_OK)
			st = accept_portrait(run, t, &file);
		st = job_end(run, st);
	}
	if (st != ST_CONFLICT)
		return st; /* after an unknown outcome the file stays: the sweep removes it when it has no row */
	if (evidence_delete(run->config->evidence_dir, file.storage_key) != ST_OK)
		log_warn("liveness", "%s", status_message());
	return run->fenced ? st : write_superseded(run, t);
}

enum status job_liveness_give_up(struct job_run *run)
{
	struct task t;
	bool wanted;
	const struct provider_result result = {.score = -1, .raw_code = arena_strdup(run->a, run->error)};
	enum status st = load_row(run, &t, &wanted);
	if (st != ST_OK)
		return st;
	return wanted ? write_answer(run, &t, "unavailable", &result, false) : job_drop(run);
}

static void ask(struct job_run *run, const struct task *t, struct bytes *frame, struct provider_result *result)
{
	const struct identity_provider *p = identity_provider(run->config);
	if (strcmp(t->certificate_type, TYPE_BY_AUTHORITY) == 0)
		p->liveness(run->config, run->a, t->name, t->number, t->digits, t->clip, frame, result);
	else
		p->liveness_compare(run->config, run->a, t->front, t->digits, t->clip, frame, result);
}

static enum status load(struct job_run *run, struct task *t)
{
	struct crypt_key key;
	enum status st = datakey_load(run->db, run->a, run->keys, t->data_key_id, &key);
	if (st != ST_OK)
		return st;
	st = load_holder(run, t, &key);
	crypt_wipe(&key, sizeof(key));
	return st == ST_OK ? load_files(run, t) : st;
}

enum status job_liveness_verify(struct job_run *run, enum job_end *end)
{
	struct task t;
	struct bytes frame = {NULL, 0};
	struct provider_result result = {.class = PROVIDER_TRANSIENT, .score = -1};
	bool wanted;
	enum status st = load_row(run, &t, &wanted);
	if (st != ST_OK)
		return st;
	if (!wanted)
		return job_drop(run);
	if (!t.current)
		return write_superseded(run, &t);
	st = load(run, &t);
	if (st == ST_NOT_FOUND || st == ST_INVALID || st == ST_LIMIT) {
		log_error("liveness", "verification=%s inputs: %s", t.id, status_message());
		run->error = "inputs";
		*end = JOB_GIVE_UP;
		return ST_OK;
	}
	if (st != ST_OK)
		return st;
	ask(run, &t, &frame, &result);
	run->error = result.raw_code ? result.raw_code : "no answer";
	switch (result.class) {
	case PROVIDER_PASS:
		if (frame.data && frame.length > 0)
			return write_passed(run, &t, &result, frame);
		log_alarm("liveness", "verification=%s passed without a picture", t.id);
		run->error = "no best frame";
		*end = JOB_GIVE_UP;
		return ST_OK;
	case PROVIDER_OPERATOR:
		log_alarm("liveness", "verification=%s refused=%s", t.id, run->error);
		*end = JOB_AGAIN;
		return ST_OK;
	case PROVIDER_TRANSIENT:
		/* every check is billed anew: one more after an unknown outcome, not four */
		*end = provider_may_have_acted(&result) && run->job->attempts > 1 ? JOB_GIVE_UP : JOB_AGAIN;
		return ST_OK;
	default:
		return write_answer(run, &t, "failed", &result, true);
	}
}
