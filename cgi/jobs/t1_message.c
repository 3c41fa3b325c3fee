/* Sends nothing itself: the sender does. The same row gives the same RequestID and the same bytes on every attempt. */
#include "jobs/t1_message.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include "base/log.h"
#include "jobs/crash.h"
#include "jobs/job.h"
#include "store/datakey.h"
#include "store/t1_result.h"

#define HELD_S 60
#define ALARM_ATTEMPTS 10
#define ANSWER_KEPT 2000
#define RETRY_FIRST_S 2
#define RETRY_MOST_S 600
#define RETRY_AFTER_MOST_S 3600

/* ---- before the call ---- */

/* A list of ids as an array of PostgreSQL. */
static char *id_array(struct arena *a, struct t1_flight *const *f, int count)
{
	struct buffer b;
	buffer_init(&b, a, (size_t)count * 40 + 8);
	for (int i = 0; i < count; i++)
		buffer_text(&b, arena_printf(a, "%s%s", i ? "," : "{", f[i]->job.subject));
	buffer_text(&b, "}");
	assert(!b.overflow);
	return b.data;
}

/* What all messages of one connection share. */
struct connection {
	const char *id, *platform_id;
	struct t1_profile *profile;
	char *password;
	bool next_password;
	struct bytes cipher_key;
};

static enum status load_connection(struct arena *a, const struct config *config, const struct db_result *r, int row, struct connection *c)
{
	char *hex;
	enum status st = ST_OK;
	if (text_equal(c->id, db_text(r, row, "connection_id")))
		return ST_OK;
	*c = (struct connection){.platform_id = db_text(r, row, "platform_id"), .profile = arena_alloc(a, sizeof(*c->profile))};
	st = t1_profile_parse(c->profile, a, db_text(r, row, "profile"));
	if (st == ST_OK) {
		c->next_password = c->profile->password_secret_next && db_bool(r, row, "next_password");
		st = config_secret(a, config, c->next_password ? c->profile->password_secret_next : c->profile->password_secret,
				   &c->password);
	}
	if (st == ST_OK && c->profile->cipher != T1_NONE) {
		st = config_secret(a, config, c->profile->cipher_key_secret, &hex);
		if (st == ST_OK)
			st = t1_profile_cipher_key(a, hex, &c->cipher_key);
	}
	if (st == ST_OK)
		c->id = db_text(r, row, "connection_id");
	return st;
}

static enum status open_inputs(struct arena *a, const struct keys *keys, const struct db_result *r, int row, char **inputs)
{
	struct crypt_key key;
	if (db_is_null(r, row, "wrapped"))
		return status_fail(ST_NOT_FOUND, "its data key was erased");
	enum status st = datakey_unwrap(a, keys, db_text(r, row, "data_key_id"), db_bytes(r, row, "wrapped"), &key);
	if (st != ST_OK)
		return st;
	st = opened_text(a, &key, "t1_message", "inputs", db_text(r, row, "id"), db_bytes(r, row, "inputs_sealed"), inputs);
	crypt_wipe(&key, sizeof(key));
	return st;
}

static int timeout_ms(const struct config *config, const struct t1_profile *p)
{
	return p->timeout_ms > 0 ? p->timeout_ms : config->outbound_timeout_ms;
}

static enum status build(struct arena *a, const struct config *config, const struct keys *keys, const struct db_result *r, int row,
			 struct connection *c, struct t1_flight *f)
{
	static const char *const headers[] = {"Content-Type: application/json; charset=utf-8", "Accept: application/json", NULL};
	char *inputs;
	crash_point_of(CRASH_T1_BUILD, f->message.id);
	enum status st = open_inputs(a, keys, r, row, &inputs);
	if (st != ST_OK)
		return st;
	const struct t1_envelope e = {
		.kind = f->message.kind,
		.platform_id = c->platform_id,
		.password = c->password,
		.request_id = f->request_id,
		.code = db_text(r, row, "code"),
		.oper_type = t1_profile_oper_type(c->profile, db_text(r, row, "oper_type")),
		.inputs = inputs,
		.iv = db_bytes(r, row, "iv"),
		.cipher_key = c->cipher_key,
	};
	if ((st = t1_body(a, c->profile, &e, &f->body)) != ST_OK)
		return st;
	struct bytes first = db_bytes(r, row, "body_sha256");
	f->message.profile = c->profile;
	f->message.next_password = c->next_password;
	crypt_sha256(f->sha256, f->body.data, f->body.length);
	if (first.data && (first.length != sizeof(f->sha256) || !crypt_equal(first.data, f->sha256, sizeof(f->sha256))))
		log_warn("t1", "message=%s differs from its first attempt: the profile or a secret was changed", f->message.id);
	f->call = (struct http_call){
		.url = strcmp(f->message.kind, "account") == 0 ? c->profile->account_url : c->profile->vehicle_url,
		.headers = headers,
		.body = f->body,
		.ca_file = c->profile->ca_file ? c->profile->ca_file : config->outbound_ca_file,
		.connect_ms = config->outbound_connect_ms,
		.timeout_ms = timeout_ms(config, c->profile),
		.answer_max = T1_ANSWER_BYTES_MAX,
	};
	return ST_OK;
}

static void prepare_one(struct arena *a, const struct config *config, const struct keys *keys, const struct db_result *r, int row,
			struct connection *c, struct t1_flight *f)
{
	f->message = (struct t1_sent){
		.id = db_text(r, row, "id"),
		.kind = db_text(r, row, "kind"),
		.application_card_id = db_text(r, row, "application_card_id"),
		.connection_id = db_text(r, row, "connection_id"),
	};
	f->request_id = db_text(r, row, "request_id");
	f->next = T1_SEND;
	f->why = "connection suspended";
	if (db_bool(r, row, "known"))
		f->next = T1_KNOWN;
	else if (db_bool(r, row, "suspended"))
		f->next = T1_HELD;
	else if (load_connection(a, config, r, row, c) != ST_OK)
		f->next = T1_HELD, f->why = arena_strdup(a, status_message());
	else if (build(a, config, keys, r, row, c, f) != ST_OK)
		f->next = T1_CANNOT_BUILD, f->why = arena_strdup(a, status_message());
}

enum status t1_lanes(struct db *db, struct arena *a, const char **out, int max, int *count)
{
	struct db_result *r;
	enum status st = db_query(db, a, &r, "SELECT 't1:' || id AS lane FROM carrier_connection WHERE suspended_at IS NULL ORDER BY id");
	*count = 0;
	for (int i = 0; st == ST_OK && i < db_rows(r) && i < max; i++)
		out[(*count)++] = db_text(r, i, "lane");
	return st;
}

enum status t1_prepare(struct db *db, struct arena *a, const struct config *config, const struct keys *keys, struct t1_flight *const *f,
		       int count)
{
	struct db_result *r;
	struct connection c = {0};
	enum status st =
		db_query(db, a, &r,
			 "SELECT m.id, m.kind, m.application_card_id, m.connection_id, m.request_id, m.oper_type, m.code, m.data_key_id, "
			 "m.inputs_sealed, m.iv, m.body_sha256, k.wrapped, n.platform_id, n.profile, n.next_password, n.suspended_at IS "
			 "NOT NULL AS suspended, "
			 "m.result IS NOT NULL AS known "
			 "FROM t1_message m JOIN carrier_connection n ON n.id = m.connection_id JOIN data_key k ON k.id = m.data_key_id "
			 "WHERE m.id = ANY ($1) AND m.state IN ('waiting', 'sent', 'accepted') ORDER BY m.connection_id",
			 DB_TEXT(id_array(a, f, count)));
	if (st != ST_OK)
		return st;
	for (int i = 0; i < count; i++)
		f[i]->next = T1_NOT_WANTED;
	for (int row = 0; row < db_rows(r); row++)
		for (int i = 0; i < count; i++)
			if (text_equal(f[i]->job.subject, db_text(r, row, "id")))
				prepare_one(a, config, keys, r, row, &c, f[i]);
	crypt_wipe(&c.cipher_key, sizeof(c.cipher_key));
	return ST_OK;
}

/* The attempts of all of them by one statement, for those whose job is still ours. */
static enum status record_attempts(struct db *db, struct arena *a, struct t1_flight *const *f, int count)
{
	struct db_result *r;
	struct buffer ids, hashes, jobs, claims;
	int sent = 0;
	buffer_init(&ids, a, (size_t)count * 40 + 8);
	buffer_init(&hashes, a, (size_t)count * 80 + 8);
	buffer_init(&jobs, a, (size_t)count * 24 + 8);
	buffer_init(&claims, a, (size_t)count * 24 + 8);
	for (int i = 0; i < count; i++) {
		if (f[i]->next != T1_SEND)
			continue;
		buffer_text(&ids, arena_printf(a, "%s%s", sent ? "," : "{", f[i]->message.id));
		buffer_text(&hashes, arena_printf(a, "%s%s", sent ? "," : "{", hex_encode(a, f[i]->sha256, sizeof(f[i]->sha256))));
		buffer_text(&jobs, arena_printf(a, "%s%" PRId64, sent ? "," : "{", f[i]->job.id));
		buffer_text(&claims, arena_printf(a, "%s%" PRId64, sent ? "," : "{", f[i]->job.claim));
		sent++;
	}
	if (sent == 0)
		return ST_OK;
	buffer_text(&ids, "}");
	buffer_text(&hashes, "}");
	buffer_text(&jobs, "}");
	buffer_text(&claims, "}");
	assert(!ids.overflow && !hashes.overflow && !jobs.overflow && !claims.overflow);
	enum status st = db_query(db, a, &r,
				  "WITH u AS (SELECT u.id, decode(u.hash, 'hex') AS hash FROM unnest($1::uuid[], $2::text[], $3::bigint[], "
				  "$4::bigint[]) AS u (id, hash, job, claim) "
				  "JOIN job j ON j.id = u.job AND j.claim = u.claim), "
				  "sent AS (UPDATE t1_message m SET state = CASE m.state WHEN 'waiting' THEN 'sent' ELSE m.state END, "
				  "sent_at = coalesce(m.sent_at, now()), body_sha256 = coalesce(m.body_sha256, u.hash) "
				  "FROM u WHERE m.id = u.id AND m.state IN ('waiting', 'sent', 'accepted') RETURNING m.id, u.hash) "
				  "INSERT INTO t1_attempt (message_id, body_sha256) SELECT id, hash FROM sent RETURNING id, message_id",
				  DB_TEXT(ids.data), DB_TEXT(hashes.data), DB_TEXT(jobs.data), DB_TEXT(claims.data));
	if (st != ST_OK)
		return st;
	for (int row = 0; row < db_rows(r); row++)
		for (int i = 0; i < count; i++)
			if (f[i]->next == T1_SEND && text_equal(f[i]->message.id, db_text(r, row, "message_id")))
				f[i]->attempt = db_int(r, row, "id");
	for (int i = 0; i < count; i++)
		if (f[i]->next == T1_SEND && !f[i]->attempt) /* somebody ended it in this moment, or holds the job by now */
			return status_fail(ST_BUSY, "message %s was changed meanwhile, or job %" PRId64 " is no longer held",
					   f[i]->message.id, f[i]->job.id);
	return ST_OK;
}

static enum status settle_job(struct db *db, struct arena *a, const struct config *config, const struct t1_flight *f,
			      const struct t1_effect *e);

static enum status put_aside(struct db *db, struct arena *a, const struct config *config, const struct keys *keys,
			     const struct t1_flight *f)
{
	int lease = (f->call.timeout_ms + 999) / 1000 + job_lease_spare_s(config);
	struct t1_effect effect;
	enum status st;
	switch (f->next) {
	case T1_NOT_WANTED:
		return queue_done(db, a, &f->job);
	case T1_HELD:
		log_alarm("t1", "message=%s waits: %s", f->message.id, f->why);
		return queue_retry(db, a, &f->job, HELD_S * config->job_delay_scale, "the connection waits for people", true);
	case T1_KNOWN:
		st = t1_result_known(db, a, config, keys, &job_actor, &f->message, &effect);
		return st == ST_OK ? settle_job(db, a, config, f, &effect) : st;
	case T1_CANNOT_BUILD:
		log_alarm("t1", "message=%s cannot be built: %s", f->message.id, f->why);
		return queue_dead(db, a, &f->job, "cannot_build", f->why);
	default:
		/* a patient carrier: the job must be ours until its time is over */
		return lease > job_lease_s(config) ? queue_renew(db, a, &f->job, lease) : ST_OK;
	}
}

enum status t1_record(struct db *db, struct arena *a, const struct config *config, const struct keys *keys, struct t1_flight *const *f,
		      int count)
{
	enum status st = db_begin(db);
	if (st == ST_OK)
		st = record_attempts(db, a, f, count);
	for (int i = 0; st == ST_OK && i < count; i++)
		st = put_aside(db, a, config, keys, f[i]);
	if (st == ST_OK) {
		crash_point(CRASH_T1_BEFORE_ATTEMPT_COMMIT);
		st = db_commit(db);
	}
	if (st != ST_OK)
		db_rollback(db);
	else
		crash_point(CRASH_T1_AFTER_ATTEMPT_COMMIT);
	return st;
}

/* ---- after the call ---- */

enum lane_report t1_judge(struct arena *a, struct t1_flight *f)
{
	t1_read_answer(a, f->http.status, f->http.body, f->request_id, &f->answer);
	log_info("t1", "message=%s kind=%s attempt=%" PRId64 " http=%d outcome=%d", f->message.id, f->message.kind, f->attempt,
		 f->http.status, (int)f->answer.outcome);
	if (f->answer.outcome != T1_UNKNOWN)
		return LANE_OK;
	bool nobody = !f->http.status && (text_equal(f->http.error, "connect") || text_equal(f->http.error, "tls"));
	return nobody ? LANE_NO_CONNECTION : LANE_FAILED;
}

/* What the carrier said, fit for a text column: cut, and only if it is text at all. */
static char *kept_answer(struct arena *a, const struct http_answer *answer)
{
	size_t length = answer->body.length < ANSWER_KEPT ? answer->body.length : ANSWER_KEPT;
	if (!answer->body.data)
		return answer->error ? arena_strdup(a, answer->error) : NULL;
	while (length > 0 && length < answer->body.length && (answer->body.data[length] & 0xc0) == 0x80)
		length--;
	if (!text_is_utf8((const char *)answer->body.data, length))
		return arena_printf(a, "(%zu bytes that are not text)", answer->body.length);
	return arena_strndup(a, (const char *)answer->body.data, length);
}

static enum status close_attempt(struct db *db, struct arena *a, const struct t1_flight *f)
{
	static const char *const outcomes[] = {
		[T1_DONE] = "done", [T1_REFUSED] = "refused", [T1_CREDENTIAL] = "credential", [T1_UNKNOWN] = "unknown"};
	return db_query(db, a, NULL,
			"UPDATE t1_attempt SET outcome = $2, http_status = $3, answer = $4, answered_at = clock_timestamp() WHERE id = $1",
			DB_INT(f->attempt), DB_TEXT(outcomes[f->answer.outcome]), f->http.status ? DB_INT(f->http.status) : DB_NULL,
			DB_TEXT(kept_answer(a, &f->http)));
}

/* Full jitter, never below what the carrier asked for. */
static double delay_s(const struct config *config, const struct t1_flight *f)
{
	const struct job_delay d = {
		.first_s = RETRY_FIRST_S,
		.cap_s = RETRY_MOST_S,
		.attempts = f->job.attempts,
		.retry_after_s = f->http.retry_after_s < RETRY_AFTER_MOST_S ? f->http.retry_after_s : RETRY_AFTER_MOST_S,
	};
	return job_delay_s(config, &d);
}

/* What becomes of the job. A final one is not done here when it goes with others: t1_settle ends them together. */
static enum status settle_job(struct db *db, struct arena *a, const struct config *config, const struct t1_flight *f,
			      const struct t1_effect *e)
{
	switch (e->job) {
	case T1_JOB_DONE:
		return queue_done(db, a, &f->job);
	case T1_JOB_DEAD:
		log_alarm("t1", "message=%s refused: its card waits for people", f->message.id);
		return queue_dead(db, a, &f->job, T1_DEAD_REFUSED, e->why);
	case T1_JOB_PARK:
		return queue_park(db, a, &f->job, e->why);
	case T1_JOB_LATER:
		return queue_retry(db, a, &f->job, e->later_s * config->job_delay_scale, e->why, true);
	default:
		if (f->job.attempts >= ALARM_ATTEMPTS)
			log_alarm("t1", "message=%s no usable answer after %d attempts (%s)", f->message.id, f->job.attempts, e->why);
		return queue_retry(db, a, &f->job, delay_s(config, f), e->why, false);
	}
}

/* Those of a card's application are locked in the order of the flights, which is that of the messages' applications. */
static enum status settle_all(struct db *db, struct arena *a, const struct config *config, const struct keys *keys,
			      struct t1_flight *const *f, int count)
{
	const struct job **done = arena_alloc(a, (size_t)count * sizeof(*done));
	int finished = 0;
	enum status st = ST_OK;
	for (int i = 0; st == ST_OK && i < count; i++) {
		struct t1_effect effect;
		st = t1_result(db, a, config, keys, &job_actor, &f[i]->message, &f[i]->answer, &effect);
		if (st == ST_OK)
			st = close_attempt(db, a, f[i]);
		if (st == ST_OK && effect.job == T1_JOB_DONE)
			done[finished++] = &f[i]->job;
		else if (st == ST_OK)
			st = settle_job(db, a, config, f[i], &effect);
	}
	return st == ST_OK ? queue_done_many(db, a, done, finished) : st;
}

enum status t1_settle(struct db *db, struct arena *a, const struct config *config, const struct keys *keys, struct t1_flight *const *f,
		      int count)
{
	enum status st = db_begin(db);
	if (st == ST_OK)
		st = settle_all(db, a, config, keys, f, count);
	if (st == ST_OK) {
		crash_point(CRASH_BEFORE_RESULT_COMMIT);
		st = db_commit(db);
	}
	if (st != ST_OK)
		db_rollback(db);
	else
		crash_point(CRASH_AFTER_RESULT_COMMIT);
	return st;
}
