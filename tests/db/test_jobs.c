/* The handlers of the jobs against a real database. */
#include <signal.h>
#include <sys/wait.h>

#include "outside.h"
#include "store/sms.h"

/* ---- short messages ---- */

static char *asked_code(char digits[7])
{
	char *message, *code = crypt_uuid(a);
	struct bytes seed = {(const unsigned char *)"0123456789abcdef", 16}, hash = {(const unsigned char *)"h", 1};
	drop_jobs();
	OK(db_begin(web));
	OK(sms_enqueue(web, a, &keys, NULL, "code", NULL, "13800000001", &message));
	OK(db_query(web, a, NULL,
		    "INSERT INTO sms_code (id, session_hash, purpose, phone_hash, phone_hash_key, seed, code_hash, message_id, expires_at) "
		    "VALUES ($1, $2, 'draft', $2, 'k', $3, $2, $4, now() + interval '5 minutes')",
		    DB_TEXT(code), DB_BYTES(hash), DB_BYTES(seed), DB_TEXT(message)));
	OK(db_commit(web));
	sms_code_digits(digits, &keys, code, seed);
	return message;
}

#define SMS_STATE(id) VALUE(owner, "SELECT state AS value FROM sms_message WHERE id = $1", (id))

static void test_sms_code_is_sent(void)
{
	char digits[7];
	char *message = asked_code(digits);
	outside_answers(PROVIDER_PASS, NULL, NULL);
	CHECK(strlen(digits) == 6);
	CHECK(run_one());
	CHECK_TEXT(outside.phone, "13800000001");
	CHECK_TEXT(outside.parameters[0], digits);
	CHECK_TEXT(outside.parameters[1], "5");
	CHECK_TEXT(SMS_STATE(message), "sent");
	CHECK_TEXT(job_count(), "0");
}

static void test_sms_code_is_not_sent_blindly_again(void)
{
	char digits[7];
	char *message = asked_code(digits);
	outside_answers(PROVIDER_TRANSIENT, "http.timeout", NULL);
	outside.acted = true;
	CHECK(run_one());
	CHECK_TEXT(SMS_STATE(message), "failed");
	CHECK_TEXT(job_count(), "0");
}

static void test_sms_code_is_tried_for_a_minute(void)
{
	char digits[7];
	char *message = asked_code(digits);
	outside_answers(PROVIDER_TRANSIENT, "http.connect", NULL);
	CHECK(run_one() && run_one());
	CHECK_TEXT(SMS_STATE(message), "waiting");
	OK(db_query(owner, a, NULL, "UPDATE sms_message SET created_at = now() - interval '2 minutes' WHERE id = $1", DB_TEXT(message)));
	CHECK(run_one());
	CHECK_TEXT(SMS_STATE(message), "failed");
	CHECK(outside.calls == 3);
}

static void test_sms_result_goes_on_for_a_day(void)
{
	char *message;
	drop_jobs();
	OK(sms_enqueue(web, a, &keys, NULL, "result_ok", "{NUMBER1}", "13800000001", &message));
	OK(db_query(owner, a, NULL, "UPDATE sms_message SET created_at = now() - interval '1 hour' WHERE id = $1", DB_TEXT(message)));
	outside_answers(PROVIDER_TRANSIENT, "http.timeout", NULL);
	outside.acted = true;
	CHECK(run_one());
	CHECK_TEXT(SMS_STATE(message), "waiting");
	outside_answers(PROVIDER_PASS, NULL, NULL);
	CHECK(run_one());
	CHECK_TEXT(SMS_STATE(message), "sent");
	CHECK_TEXT(outside.parameters[0], "NUMBER1");
}

static void test_sms_refused_is_final(void)
{
	char digits[7];
	char *message = asked_code(digits);
	outside_answers(PROVIDER_OPERATOR, "FailedOperation.TemplateIncorrectOrUnapproved", NULL);
	CHECK(run_one());
	CHECK_TEXT(SMS_STATE(message), "failed");
}

/* Our key or our package is at fault: a result is told as soon as that is mended. */
static void test_sms_result_waits_for_people(void)
{
	char *message;
	drop_jobs();
	OK(sms_enqueue(web, a, &keys, NULL, "result_ok", "{NUMBER1}", "13800000001", &message));
	outside_answers(PROVIDER_OPERATOR, "AuthFailure.SignatureExpire", NULL);
	CHECK(run_one());
	CHECK_TEXT(SMS_STATE(message), "waiting");
	outside_answers(PROVIDER_PASS, NULL, NULL);
	CHECK(run_one());
	CHECK_TEXT(SMS_STATE(message), "sent");
	OK(sms_enqueue(web, a, &keys, NULL, "result_ok", "{NUMBER1}", "13800000001", &message));
	OK(db_query(owner, a, NULL, "UPDATE sms_message SET created_at = now() - interval '25 hours' WHERE id = $1", DB_TEXT(message)));
	outside_answers(PROVIDER_OPERATOR, "AuthFailure.SignatureExpire", NULL);
	CHECK(run_one());
	CHECK_TEXT(SMS_STATE(message), "failed");
}

/* ---- reading, digits, liveness ---- */

static char *asked_reading(struct application *p, const char *side)
{
	char *id = crypt_uuid(a);
	drop_jobs();
	OK(db_query(web, a, NULL, "INSERT INTO reading (id, application_id, evidence_id, side) VALUES ($1, $2, $3, $4)", DB_TEXT(id),
		    DB_TEXT(p->id), DB_TEXT(put_file(p, "certificate_front")), DB_TEXT(side)));
	OK(queue_add(web, a, "certificate_read", id, 0));
	return id;
}

#define READING_STATE(id) VALUE(owner, "SELECT state || coalesce(' ' || cause, '') AS value FROM reading WHERE id = $1", (id))

static void test_reading(void)
{
	struct application p;
	struct db_result *r;
	char *json = NULL;
	fixture_draft(&p, &cat, 0);
	char *id = asked_reading(&p, "front");
	outside_answers(PROVIDER_PASS, NULL, NULL);
	CHECK(run_one());
	CHECK_TEXT(READING_STATE(id), "done");
	OK(db_query(owner, a, &r, "SELECT fields_sealed FROM reading WHERE id = $1", DB_TEXT(id)));
	OK(opened_text(a, &p.key, "reading", "fields", id, db_bytes(r, 0, "fields_sealed"), &json));
	CHECK_TEXT(json, "{\"name\":\"张\\\"三\",\"sex\":\"男\",\"nation\":\"汉\",\"birth\":\"1990/3/"
			 "7\",\"address\":\"北京\",\"number\":\"110101199003070011\"}");
	id = asked_reading(&p, "back");
	CHECK(run_one());
	CHECK_TEXT(READING_STATE(id), "done");
	id = asked_reading(&p, "back");
	outside_answers(PROVIDER_USER, "Blur", "id.blur");
	CHECK(run_one());
	CHECK_TEXT(READING_STATE(id), "refused id.blur");
}

static void test_reading_is_tried_three_times(void)
{
	struct application p;
	fixture_draft(&p, &cat, 0);
	char *id = asked_reading(&p, "front");
	outside_answers(PROVIDER_TRANSIENT, "http.503", NULL);
	CHECK(run_one() && run_one());
	CHECK_TEXT(READING_STATE(id), "waiting");
	CHECK(run_one());
	CHECK_TEXT(READING_STATE(id), "unavailable");
	CHECK_TEXT(job_count(), "0");
	/* a picture that is gone is not asked about */
	id = asked_reading(&p, "front");
	OK(db_query(owner, a, NULL, "UPDATE evidence SET deleted_at = now() WHERE application_id = $1", DB_TEXT(p.id)));
	CHECK(run_one());
	CHECK(outside.calls == 3);
	CHECK_TEXT(READING_STATE(id), "unavailable");
}

/* A process that died on the last attempt: the next one does not ask again. */
static void test_crash_on_last_attempt_gives_up(void)
{
	struct application p;
	struct job job;
	int count;
	fixture_draft(&p, &cat, 0);
	char *id = asked_reading(&p, "front");
	outside_answers(PROVIDER_PASS, NULL, NULL);
	OK(db_query(owner, a, NULL, "UPDATE job SET attempts = 3, claim = 1, run_at = now() - interval '1 second'"));
	OK(queue_claim(jobs, a, "identity", worker, 30, 1, &job, &count));
	CHECK(count == 1);
	job_execute(jobs, a, &config, &keys, lanes, &job);
	CHECK(outside.calls == 0);
	CHECK_TEXT(READING_STATE(id), "unavailable");
}

/* The server ends the connection of the worker, from another one of the same role. */
static void lose_connection(void)
{
	struct db *other = fixture_connect("realname_jobs");
	OK(db_query(other, a, NULL,
		    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE usename = current_user AND pid <> pg_backend_pid() "
		    "AND datname = current_database()"));
	db_close(other);
}

/* The connection dies during the call outside: the answer is paid for and is written all the same. */
static void test_connection_lost_during_a_call(void)
{
	struct application p;
	drop_jobs();
	fixture_draft(&p, &cat, 0);
	char *id = asked_reading(&p, "front");
	outside_answers(PROVIDER_PASS, NULL, NULL);
	outside.meanwhile = lose_connection;
	CHECK(run_one());
	CHECK(outside.calls == 1);
	CHECK_TEXT(READING_STATE(id), "done");
	CHECK_TEXT(job_count(), "0");
}

/* The connection was dead before the job began: it goes back at once and is not left to its lease. */
static void test_connection_lost_before_a_job(void)
{
	struct application p;
	struct job job;
	int count;
	drop_jobs();
	fixture_draft(&p, &cat, 0);
	char *id = asked_reading(&p, "front");
	outside_answers(PROVIDER_PASS, NULL, NULL);
	OK(queue_claim(jobs, a, "identity", worker, 30, 1, &job, &count));
	lose_connection();
	job_execute(jobs, a, &config, &keys, lanes, &job);
	CHECK_TEXT(VALUE(owner, "SELECT (claim IS NULL)::text AS value FROM job", NULL), "true");
	CHECK(run_one());
	CHECK_TEXT(READING_STATE(id), "done");
}

static void test_live_code(void)
{
	struct application p;
	fixture_draft(&p, &cat, 0);
	for (int i = 0; i < 2; i++) {
		char *id = crypt_uuid(a);
		drop_jobs();
		OK(db_query(web, a, NULL, "INSERT INTO live_code (id, application_id) VALUES ($1, $2)", DB_TEXT(id), DB_TEXT(p.id)));
		OK(queue_add(web, a, "live_code_fetch", id, 0));
		outside_answers(i ? PROVIDER_TRANSIENT : PROVIDER_PASS, NULL, NULL);
		for (int n = 0; n < (i ? 3 : 1); n++)
			CHECK(run_one());
		CHECK_TEXT(VALUE(owner,
				 "SELECT state || coalesce(digits, '') || (expires_at > now() + interval '200 s')::text AS value FROM "
				 "live_code WHERE id = $1",
				 id),
			   i ? "unavailabletrue" : "ready1234true");
		CHECK_TEXT(job_count(), "0");
	}
}

static struct application live;
static char *asked_liveness(void)
{
	char *code = crypt_uuid(a), *id = crypt_uuid(a);
	drop_jobs();
	fixture_draft(&live, &cat, 0);
	char *clip = put_file(&live, "clip");
	OK(db_query(web, a, NULL, "INSERT INTO live_code (id, application_id, state, digits) VALUES ($1, $2, 'used', '1234')",
		    DB_TEXT(code), DB_TEXT(live.id)));
	OK(db_query(web, a, NULL, "UPDATE application SET clip_evidence_id = $2 WHERE id = $1", DB_TEXT(live.id), DB_TEXT(clip)));
	OK(db_query(web, a, NULL,
		    "INSERT INTO verification (id, application_id, kind, state, evidence_id, live_code_id) VALUES ($1, $2, 'liveness', "
		    "'waiting', $3, $4)",
		    DB_TEXT(id), DB_TEXT(live.id), DB_TEXT(clip), DB_TEXT(code)));
	OK(queue_add(web, a, "liveness_verify", id, 0));
	return id;
}

#define VERIFICATION(id)                                                                                                                   \
	VALUE(owner,                                                                                                                       \
	      "SELECT state || coalesce(' ' || cause, '') || CASE WHEN counts THEN ' counts' ELSE '' END AS value FROM verification "      \
	      "WHERE id = $1",                                                                                                             \
	      (id))
#define PASSED() VALUE(owner, "SELECT liveness_passed_at::text AS value FROM application WHERE id = $1", live.id)

static void test_liveness_pass(void)
{
	char *id = asked_liveness(), *type;
	struct bytes portrait;
	outside_answers(PROVIDER_PASS, NULL, NULL);
	CHECK(run_one());
	CHECK_TEXT(VERIFICATION(id), "passed");
	CHECK(PASSED() != NULL);
	const char *evidence = VALUE(owner, "SELECT portrait_evidence_id AS value FROM application WHERE id = $1", live.id);
	OK(evidence_load(jobs, a, &keys, config.evidence_dir, live.id, evidence, 100, &portrait, &type));
	CHECK(portrait.length == 4 && memcmp(portrait.data, "jpeg", 4) == 0);
	CHECK_TEXT(VALUE(owner, "SELECT action AS value FROM audit WHERE application_id = $1", live.id), "liveness.passed");
}

static void test_liveness_failures(void)
{
	char *id = asked_liveness();
	outside_answers(PROVIDER_MISMATCH, "IdNameMisMatch", "live.mismatch");
	CHECK(run_one());
	CHECK_TEXT(VERIFICATION(id), "failed live.mismatch counts");
	id = asked_liveness();
	outside_answers(PROVIDER_TRANSIENT, "http.503", NULL);
	for (int i = 0; i < 4; i++)
		CHECK(run_one());
	CHECK_TEXT(VERIFICATION(id), "unavailable");
	CHECK_TEXT(job_count(), "0");
	id = asked_liveness();
	outside_answers(PROVIDER_PASS, NULL, NULL);
	outside.frame = (struct bytes){NULL, 0};
	CHECK(run_one());
	CHECK_TEXT(VERIFICATION(id), "unavailable");
	CHECK(PASSED() == NULL);
}

static void record_another_clip(void)
{
	OK(db_query(web, a, NULL, "UPDATE application SET clip_evidence_id = $2 WHERE id = $1", DB_TEXT(live.id),
		    DB_TEXT(put_file(&live, "clip"))));
}

/* The answer about an old clip never passes the new one. */
static void test_liveness_of_an_old_clip(void)
{
	char *id = asked_liveness();
	outside_answers(PROVIDER_PASS, NULL, NULL);
	outside.meanwhile = record_another_clip;
	CHECK(run_one());
	CHECK_TEXT(VERIFICATION(id), "unavailable");
	CHECK(PASSED() == NULL);
	CHECK_TEXT(VALUE(owner, "SELECT count(*)::text AS value FROM evidence WHERE purpose = 'portrait' AND application_id = $1", live.id),
		   "0");
	CHECK_TEXT(job_count(), "0");
}

int main(void)
{
	fixture_start();
	lanes = lanes_create(a, &config);
	OK(queue_worker_start(jobs, a, "prompt", &worker));
	config.job_history_days = 30;
	config.sms_template_code = "1";
	config.sms_template_result_ok = "2";
	fixture_catalogue(&cat, NULL);
	RUN(test_sms_code_is_sent);
	RUN(test_sms_code_is_not_sent_blindly_again);
	RUN(test_sms_code_is_tried_for_a_minute);
	RUN(test_sms_result_goes_on_for_a_day);
	RUN(test_sms_refused_is_final);
	RUN(test_sms_result_waits_for_people);
	RUN(test_reading);
	RUN(test_reading_is_tried_three_times);
	RUN(test_crash_on_last_attempt_gives_up);
	RUN(test_connection_lost_during_a_call);
	RUN(test_connection_lost_before_a_job);
	RUN(test_live_code);
	RUN(test_liveness_pass);
	RUN(test_liveness_failures);
	RUN(test_liveness_of_an_old_clip);
	return fixture_end();
}
