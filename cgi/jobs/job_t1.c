/* Sends a T1 message and writes what the answer means. The same row gives the same RequestID and the same bytes on every attempt;
 * an attempt is on record before anything is sent. */
#include <inttypes.h>
#include <string.h>

#include "base/log.h"
#include "jobs/crash.h"
#include "jobs/job.h"
#include "providers/http_client.h"
#include "store/cards.h"
#include "store/datakey.h"
#include "t1/wire.h"

#define SUSPENDED_S 60
#define ALARM_ATTEMPTS 10
#define ANSWER_KEPT 2000
#define LEASE_SPARE_S 10

struct task {
	const char *id, *kind, *application_card_id, *connection_id, *request_id, *oper_type;
	bool open, suspended, overtaken;
	struct bytes body_sha256;
	struct db_result *row;
	struct t1_profile profile;
	struct bytes body;
	unsigned char sha256[CRYPT_HASH_SIZE];
	int64_t attempt;
};

static enum status load(struct job_run *run, struct task *t, bool *wanted)
{
	struct db_result *r;
	/* overtaken: an earlier message of this card is not finished; messages of one card go out in their order */
	enum status st = db_query(run->db, run->a, &r,
				  "SELECT m.id, m.kind, m.application_card_id, m.connection_id, m.request_id, m.oper_type, m.code, m.data_key_id, "
				  "m.inputs_sealed, m.iv, m.body_sha256, n.platform_id, n.profile, n.suspended_at IS NOT NULL AS suspended, "
				  "EXISTS (SELECT FROM t1_message e WHERE e.card_id = m.card_id AND e.sequence < m.sequence "
				  "AND e.state IN ('waiting', 'sent')) AS overtaken "
				  "FROM t1_message m JOIN carrier_connection n ON n.id = m.connection_id "
				  "WHERE m.id = $1 AND m.state IN ('waiting', 'sent')",
				  DB_TEXT(run->job->subject));
	*wanted = false;
	if (st != ST_OK || db_rows(r) == 0)
		return st;
	*t = (struct task){
		.id = db_text(r, 0, "id"),
		.kind = db_text(r, 0, "kind"),
		.application_card_id = db_text(r, 0, "application_card_id"),
		.connection_id = db_text(r, 0, "connection_id"),
		.request_id = db_text(r, 0, "request_id"),
		.oper_type = db_text(r, 0, "oper_type"),
		.suspended = db_bool(r, 0, "suspended"),
		.overtaken = db_bool(r, 0, "overtaken"),
		.body_sha256 = db_bytes(r, 0, "body_sha256"),
		.row = r,
	};
	*wanted = true;
	return ST_OK;
}

static enum status open_inputs(struct job_run *run, const struct task *t, char **inputs)
{
	struct crypt_key key;
	enum status st = datakey_load(run->db, run->a, run->keys, db_text(t->row, 0, "data_key_id"), &key);
	if (st != ST_OK)
		return st;
	st = opened_text(run->a, &key, "t1_message", "inputs", t->id, db_bytes(t->row, 0, "inputs_sealed"), inputs);
	crypt_wipe(&key, sizeof(key));
	return st;
}

static enum status load_secrets(struct job_run *run, const struct t1_profile *p, char **password, struct bytes *cipher_key)
{
	char *hex;
	enum status st = config_secret(run->a, run->config, p->password_secret, password);
	*cipher_key = (struct bytes){NULL, 0};
	if (st != ST_OK || p->cipher == T1_NONE)
		return st;
	st = config_secret(run->a, run->config, p->cipher_key_secret, &hex);
	return st == ST_OK ? t1_profile_cipher_key(run->a, hex, cipher_key) : st;
}

static enum status make_body(struct job_run *run, struct task *t)
{
	char *inputs, *password;
	struct bytes cipher_key;
	enum status st = t1_profile_parse(&t->profile, run->a, db_text(t->row, 0, "profile"));
	if (st == ST_OK)
		st = load_secrets(run, &t->profile, &password, &cipher_key);
	if (st == ST_OK)
		st = open_inputs(run, t, &inputs);
	if (st != ST_OK)
		return st;
	const struct t1_envelope e = {
		.kind = t->kind,
		.platform_id = db_text(t->row, 0, "platform_id"),
		.password = password,
		.request_id = t->request_id,
		.code = db_text(t->row, 0, "code"),
		.oper_type = t->oper_type ? t1_profile_oper_type(&t->profile, t->oper_type) : NULL,
		.inputs = inputs,
		.iv = db_bytes(t->row, 0, "iv"),
		.cipher_key = cipher_key,
	};
	if ((st = t1_body(run->a, &t->profile, &e, &t->body)) != ST_OK)
		return st;
	crypt_sha256(t->sha256, t->body.data, t->body.length);
	if (t->body_sha256.data && (t->body_sha256.length != sizeof(t->sha256) || !crypt_equal(t->body_sha256.data, t->sha256, sizeof(t->sha256))))
		log_warn("t1", "message=%s differs from its first attempt: the profile or a secret was changed", t->id);
	return ST_OK;
}

static int timeout_ms(const struct job_run *run, const struct task *t)
{
	return t->profile.timeout_ms > 0 ? t->profile.timeout_ms : run->config->outbound_timeout_ms;
}

/* The attempt is on record, and the job ours for long enough, before anything is sent. */
static enum status record_attempt(struct job_run *run, struct task *t)
{
	struct db_result *r;
	struct bytes sha256 = {t->sha256, sizeof(t->sha256)};
	enum status st = db_begin(run->db);
	if (st != ST_OK)
		return st;
	st = queue_renew(run->db, run->a, run->job, timeout_ms(run, t) / 1000 + LEASE_SPARE_S);
	run->fenced = st == ST_CONFLICT;
	if (st == ST_OK)
		st = db_query(run->db, run->a, &r, "INSERT INTO t1_attempt (message_id, body_sha256) VALUES ($1, $2) RETURNING id", DB_TEXT(t->id),
			      DB_BYTES(sha256));
	if (st == ST_OK) {
		t->attempt = db_int(r, 0, "id");
		st = db_query(run->db, run->a, &r,
			      "UPDATE t1_message SET state = 'sent', sent_at = coalesce(sent_at, now()), body_sha256 = coalesce(body_sha256, $2) "
			      "WHERE id = $1 AND state IN ('waiting', 'sent')",
			      DB_TEXT(t->id), DB_BYTES(sha256));
	}
	if (st == ST_OK && db_affected(r) != 1)
		st = status_fail(ST_BUSY, "the message was changed meanwhile");
	if (st == ST_OK) {
		crash_point(CRASH_T1_BEFORE_ATTEMPT_COMMIT);
		st = db_commit(run->db);
	}
	if (st != ST_OK)
		db_rollback(run->db);
	else
		crash_point(CRASH_T1_AFTER_ATTEMPT_COMMIT);
	return st;
}

static enum status post_body(struct job_run *run, const struct task *t, struct http_answer *answer)
{
	static const char *const headers[] = {"Content-Type: application/json; charset=utf-8", "Accept: application/json", NULL};
	const struct http_call call = {
		.url = strcmp(t->kind, "account") == 0 ? t->profile.account_url : t->profile.vehicle_url,
		.headers = headers,
		.body = t->body,
		.ca_file = t->profile.ca_file ? t->profile.ca_file : run->config->outbound_ca_file,
		.connect_ms = run->config->outbound_connect_ms,
		.timeout_ms = timeout_ms(run, t),
		.answer_max = T1_ANSWER_BYTES_MAX,
	};
	enum status st = http_post(run->a, &call, answer);
	crash_point(CRASH_T1_AFTER_SEND);
	return st == ST_UNAVAILABLE ? ST_OK : st;
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

static enum status close_attempt(struct job_run *run, const struct task *t, const struct http_answer *http, const char *outcome)
{
	return db_query(run->db, run->a, NULL, "UPDATE t1_attempt SET outcome = $2, http_status = $3, answer = $4, answered_at = clock_timestamp() WHERE id = $1",
			DB_INT(t->attempt), DB_TEXT(outcome), http->status ? DB_INT(http->status) : DB_NULL, DB_TEXT(kept_answer(run->a, http)));
}

static enum status close_message(struct job_run *run, const struct task *t, const char *state, const char *cause)
{
	struct db_result *r;
	enum status st = db_query(run->db, run->a, &r,
				  "UPDATE t1_message SET state = $2, failure_cause = $3, answered_at = now() WHERE id = $1 AND state = 'sent'", DB_TEXT(t->id),
				  DB_TEXT(state), DB_TEXT(cause));
	if (st != ST_OK)
		return st;
	return db_affected(r) == 1 ? ST_OK : status_fail(ST_BUSY, "the message was changed meanwhile");
}

/* The other message of the same card change. */
static enum status sibling(struct job_run *run, const struct task *t, const char *kind, const char **id, const char **state)
{
	struct db_result *r;
	enum status st = db_query(run->db, run->a, &r,
				  "SELECT id, state FROM t1_message WHERE application_card_id = $1 AND kind = $2 ORDER BY sequence DESC LIMIT 1",
				  DB_TEXT(t->application_card_id), DB_TEXT(kind));
	if (st != ST_OK)
		return st;
	*id = db_rows(r) ? db_text(r, 0, "id") : NULL;
	*state = db_rows(r) ? db_text(r, 0, "state") : NULL;
	return ST_OK;
}

static enum status move_card(struct job_run *run, const struct task *t, enum card_state to, const char *cause)
{
	const struct card_change change = {
		.application_card_id = t->application_card_id,
		.to = to,
		.refusal_key = to == CARD_REFUSED ? t1_refusal_key(cause) : NULL,
		.refusal_raw = to == CARD_REFUSED ? cause : NULL,
	};
	return card_transition(run->db, run->a, run->config, run->keys, &job_actor, &change);
}

static enum status on_done(struct job_run *run, const struct task *t)
{
	bool account = strcmp(t->kind, "account") == 0;
	const char *other, *state;
	enum status st = close_message(run, t, "done", NULL);
	if (st == ST_OK)
		st = sibling(run, t, account ? "vehicle" : "account", &other, &state);
	if (st != ST_OK)
		return st;
	if (!account)
		return !other || text_equal(state, "done") ? move_card(run, t, CARD_DONE, NULL) : ST_OK;
	if (!other || text_equal(state, "done"))
		return move_card(run, t, CARD_DONE, NULL);
	return text_equal(state, "waiting") ? queue_add(run->db, run->a, "t1_send", other, 0) : ST_OK;
}

/* A refused vehicle message leaves the card where it is: staff decide, the user never redoes anything for it. */
static enum status on_refused(struct job_run *run, const struct task *t, const char *cause)
{
	enum status st = close_message(run, t, "refused", cause);
	if (st != ST_OK)
		return st;
	if (strcmp(t->kind, "account") != 0) {
		log_alarm("t1", "message=%s vehicle message refused, card waits for staff", t->id);
		return ST_OK;
	}
	st = db_query(run->db, run->a, NULL,
		      "UPDATE t1_message SET state = 'superseded' WHERE application_card_id = $1 AND kind = 'vehicle' AND state = 'waiting'",
		      DB_TEXT(t->application_card_id));
	return st == ST_OK ? move_card(run, t, CARD_REFUSED, cause) : st;
}

/* Final answers: the job is removed in the same transaction. */
static enum status finish(struct job_run *run, const struct task *t, const struct http_answer *http, const struct t1_answer *answer)
{
	bool done = answer->outcome == T1_DONE;
	enum status st = job_begin(run);
	if (st != ST_OK)
		return st;
	st = close_attempt(run, t, http, done ? "done" : "refused");
	if (st == ST_OK)
		st = done ? on_done(run, t) : on_refused(run, t, answer->cause);
	return job_end(run, st);
}

static enum status suspend(struct job_run *run, const struct task *t, const char *cause)
{
	log_alarm("t1", "connection=%s suspended: our credential or configuration was refused", t->connection_id);
	return db_query(run->db, run->a, NULL,
			"UPDATE carrier_connection SET suspended_at = now(), suspended_reason = $2 WHERE id = $1 AND suspended_at IS NULL",
			DB_TEXT(t->connection_id), DB_TEXT(cause));
}

/* Not final: the job goes back in the transaction that writes the attempt. */
static enum status put_back(struct job_run *run, const struct task *t, const struct http_answer *http, const struct t1_answer *answer)
{
	bool credential = answer->outcome == T1_CREDENTIAL;
	const char *error = http->status ? arena_printf(run->a, "http %d", http->status) : arena_printf(run->a, "no answer: %s", http->error);
	double delay = credential ? SUSPENDED_S * run->config->job_delay_scale : 0;
	run->retry_after_s = http->retry_after_s < 3600 ? http->retry_after_s : 3600;
	if (!credential) {
		delay = job_delay_s(run);
		if (run->job->attempts >= ALARM_ATTEMPTS)
			log_alarm("t1", "message=%s no usable answer after %d attempts (%s)", t->id, run->job->attempts, error);
	}
	enum status st = job_transaction(run);
	if (st != ST_OK)
		return st;
	st = queue_retry(run->db, run->a, run->job, delay, credential ? "credential refused" : error, credential);
	run->fenced = st == ST_CONFLICT;
	if (st == ST_OK)
		st = close_attempt(run, t, http, credential ? "credential" : "unknown");
	if (st == ST_OK && credential)
		st = suspend(run, t, answer->cause);
	return job_end(run, st);
}

/* Waiting for people or for an earlier message: uses nothing up. */
static enum status wait_more(struct job_run *run, const char *why, double seconds)
{
	return queue_retry(run->db, run->a, run->job, seconds * run->config->job_delay_scale, why, true);
}

enum status job_t1_send(struct job_run *run, enum job_end *end)
{
	struct task t;
	struct http_answer http = {.retry_after_s = -1};
	struct t1_answer answer;
	bool wanted;
	*end = JOB_FINISHED;
	enum status st = load(run, &t, &wanted);
	if (st != ST_OK)
		return st;
	if (!wanted)
		return job_drop(run);
	if (t.suspended)
		return wait_more(run, "connection suspended", SUSPENDED_S);
	if (t.overtaken)
		return wait_more(run, "an earlier message is not finished", 5);
	if ((st = make_body(run, &t)) == ST_INVALID || st == ST_NOT_FOUND) {
		log_alarm("t1", "message=%s cannot be built: %s", t.id, status_message());
		return wait_more(run, "cannot be built", SUSPENDED_S);
	}
	if (st != ST_OK || (st = record_attempt(run, &t)) != ST_OK || (st = post_body(run, &t, &http)) != ST_OK)
		return st;
	t1_read_answer(run->a, http.status, http.body, t.request_id, &answer);
	log_info("t1", "message=%s kind=%s attempt=%" PRId64 " http=%d outcome=%d", t.id, t.kind, t.attempt, http.status, (int)answer.outcome);
	return answer.outcome == T1_DONE || answer.outcome == T1_REFUSED ? finish(run, &t, &http, &answer) : put_back(run, &t, &http, &answer);
}
