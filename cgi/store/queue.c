/* The queue. Time is the clock of the database; every write of a worker names its claim, so that a worker that lost its job
 * changes nothing. */
#include "store/queue.h"

#include <inttypes.h>
#include <string.h>

#define ERROR_MAX 200

enum status queue_add(struct db *db, struct arena *a, const char *kind, const char *subject, int delay_s)
{
	return db_query(db, a, NULL,
			"WITH added AS (INSERT INTO job (kind, subject, run_at) VALUES ($1, $2, now() + make_interval(secs => $3)) "
			"ON CONFLICT (kind, subject) DO NOTHING RETURNING run_at) "
			"SELECT pg_notify('job', '') FROM added WHERE run_at <= now()",
			DB_TEXT(kind), DB_TEXT(subject), DB_INT(delay_s));
}

/* LIMIT is a literal: with a parameter the planner guesses a tenth of the table and reads it whole. */
#define CLAIM(which)                                                                                              \
	"UPDATE job SET claim = nextval('job_claim'), attempts = attempts + 1, "                                  \
	"lease_until = clock_timestamp() + make_interval(secs => $1) "                                            \
	"WHERE id = (SELECT id FROM job WHERE dead_at IS NULL " which "AND run_at <= now() "                      \
	"AND (lease_until IS NULL OR lease_until < now()) ORDER BY run_at LIMIT 1 FOR UPDATE SKIP LOCKED) "       \
	"RETURNING id, claim, kind, subject, attempts"

static enum status claimed(enum status st, struct arena *a, const struct db_result *r, struct job *out)
{
	if (st != ST_OK)
		return st;
	if (db_rows(r) == 0)
		return ST_NOT_FOUND;
	*out = (struct job){
		.id = db_int(r, 0, "id"),
		.claim = db_int(r, 0, "claim"),
		.kind = arena_strdup(a, db_text(r, 0, "kind")),
		.subject = arena_strdup(a, db_text(r, 0, "subject")),
		.attempts = (int)db_int(r, 0, "attempts"),
	};
	return ST_OK;
}

enum status queue_claim(struct db *db, struct arena *a, int lease_s, struct job *out)
{
	struct db_result *r = NULL;
	enum status st = db_query(db, a, &r, CLAIM(""), DB_INT(lease_s));
	return claimed(st, a, r, out);
}

/* The words of the condition are those of the index job_due_prompt. */
enum status queue_claim_prompt(struct db *db, struct arena *a, int lease_s, struct job *out)
{
	struct db_result *r = NULL;
	enum status st = db_query(db, a, &r, CLAIM("AND kind <> 't1_send' "), DB_INT(lease_s));
	return claimed(st, a, r, out);
}

enum status queue_release(struct db *db, struct arena *a, int64_t id, int64_t claim)
{
	return db_query(db, a, NULL,
			"WITH freed AS (UPDATE job SET lease_until = NULL, claim = NULL WHERE id = $1 AND claim = $2 RETURNING id) "
			"SELECT pg_notify('job', '') FROM freed",
			DB_INT(id), DB_INT(claim));
}

/* The outcome of a statement that is predicated on the claim. */
static enum status fenced(enum status st, const struct db_result *r, const struct job *job)
{
	if (st != ST_OK)
		return st;
	return db_affected(r) == 1 ? ST_OK : status_fail(ST_CONFLICT, "job %" PRId64 " is no longer held by claim %" PRId64, job->id, job->claim);
}

enum status queue_renew(struct db *db, struct arena *a, const struct job *job, int lease_s)
{
	struct db_result *r = NULL;
	enum status st = db_query(db, a, &r,
				  "UPDATE job SET lease_until = clock_timestamp() + make_interval(secs => $3) WHERE id = $1 AND claim = $2",
				  DB_INT(job->id), DB_INT(job->claim), DB_INT(lease_s));
	return fenced(st, r, job);
}

enum status queue_done(struct db *db, struct arena *a, const struct job *job)
{
	struct db_result *r = NULL;
	enum status st = db_query(db, a, &r, "DELETE FROM job WHERE id = $1 AND claim = $2", DB_INT(job->id), DB_INT(job->claim));
	return fenced(st, r, job);
}

enum status queue_retry(struct db *db, struct arena *a, const struct job *job, double delay_s, const char *error, bool uncount)
{
	struct db_result *r = NULL;
	enum status st = db_query(db, a, &r,
				  "UPDATE job SET run_at = clock_timestamp() + make_interval(secs => $3), lease_until = NULL, claim = NULL, "
				  "last_error = $4, attempts = attempts - $5 WHERE id = $1 AND claim = $2",
				  DB_INT(job->id), DB_INT(job->claim), DB_TEXT(arena_printf(a, "%.3f", delay_s > 0 ? delay_s : 0)),
				  DB_TEXT(arena_strndup(a, error, strnlen(error, ERROR_MAX))), DB_INT(uncount ? 1 : 0));
	return fenced(st, r, job);
}

enum status queue_dead(struct db *db, struct arena *a, const struct job *job, const char *error)
{
	struct db_result *r = NULL;
	enum status st = db_query(db, a, &r,
				  "UPDATE job SET dead_at = now(), lease_until = NULL, claim = NULL, last_error = $3 WHERE id = $1 AND claim = $2",
				  DB_INT(job->id), DB_INT(job->claim), DB_TEXT(arena_strndup(a, error, strnlen(error, ERROR_MAX))));
	return fenced(st, r, job);
}

enum status queue_requeue(struct db *db, struct arena *a, int64_t id)
{
	struct db_result *r;
	enum status st = db_query(db, a, &r,
				  "WITH back AS (UPDATE job SET dead_at = NULL, attempts = 0, run_at = now(), lease_until = NULL, claim = NULL "
				  "WHERE id = $1 AND dead_at IS NOT NULL RETURNING id) SELECT id, pg_notify('job', '') FROM back",
				  DB_INT(id));
	if (st != ST_OK)
		return st;
	return db_rows(r) == 1 ? ST_OK : status_fail(ST_NOT_FOUND, "no dead job %" PRId64, id);
}
