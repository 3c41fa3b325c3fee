/* The handlers of the jobs against a real database. What they call outside is replaced here: one answer at a time is set by the
 * test, and what was asked is kept. */
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>

#include "fixture.h"
#include "jobs/job.h"
#include "jobs/maintenance.h"
#include "jobs/lane.h"
#include "providers/provider.h"
#include "store/resumable.h"
#include "store/sms.h"

static struct catalogue cat;
static struct lanes *lanes;
static int worker;

/* ---- the outside ---- */

static struct {
	enum provider_class class;
	const char *raw_code, *cause;
	bool acted;
	struct bytes frame;
	int calls;
	char phone[16], parameters[2][16];
	void (*meanwhile)(void);
} outside;

static void answer_provider(struct provider_result *result)
{
	outside.calls++;
	static char raw[32];
	snprintf(raw, sizeof(raw), "%s", outside.raw_code ? outside.raw_code : "ok");
	*result = (struct provider_result){.class = outside.class, .raw_code = raw, .cause = outside.cause, .score = 90};
	if (outside.meanwhile)
		outside.meanwhile();
}

static void fake_front(const struct config *c, struct arena *ar, struct bytes picture, struct identity_card_front *out,
		       struct provider_result *result)
{
	(void)c, (void)picture;
	*out = (struct identity_card_front){arena_strdup(ar, "张\"三"), "男", "汉", "1990/3/7", "北京", "110101199003070011"};
	answer_provider(result);
}

static void fake_back(const struct config *c, struct arena *ar, struct bytes picture, struct identity_card_back *out,
		      struct provider_result *result)
{
	(void)c, (void)picture, (void)ar;
	*out = (struct identity_card_back){"公安局", "2010.07.21-2020.07.21"};
	answer_provider(result);
}

static void fake_licence(const struct config *c, struct arena *ar, struct bytes picture, struct identity_licence *out, struct provider_result *result)
{
	(void)c, (void)picture, (void)ar;
	*out = (struct identity_licence){0};
	answer_provider(result);
}

static void fake_live_code(const struct config *c, struct arena *ar, char **digits, struct provider_result *result)
{
	(void)c;
	*digits = arena_strdup(ar, "1234");
	answer_provider(result);
}

static void fake_liveness(const struct config *c, struct arena *ar, const char *name, const char *number, const char *digits,
			  struct bytes clip, struct bytes *frame, struct provider_result *result)
{
	(void)c, (void)ar;
	CHECK_TEXT(name, "张三");
	CHECK_TEXT(number, "110101199003070011");
	CHECK_TEXT(digits, "1234");
	CHECK(clip.length == 4);
	*frame = outside.frame;
	answer_provider(result);
}

static void fake_compare(const struct config *c, struct arena *ar, struct bytes picture, const char *digits, struct bytes clip,
			 struct bytes *frame, struct provider_result *result)
{
	(void)c, (void)ar, (void)picture, (void)digits, (void)clip;
	*frame = outside.frame;
	answer_provider(result);
}

const struct identity_provider *identity_provider(const struct config *c)
{
	static const struct identity_provider p = {"fake", fake_front, fake_back, fake_licence, fake_live_code, fake_liveness, fake_compare};
	(void)c;
	return &p;
}

static void fake_send(const struct config *c, struct arena *ar, const char *phone, const char *template_id, const char *const *parameters,
		      int count, char **serial, struct provider_result *result)
{
	(void)c, (void)template_id;
	snprintf(outside.phone, sizeof(outside.phone), "%s", phone);
	for (int i = 0; i < 2 && i < count; i++)
		snprintf(outside.parameters[i], sizeof(outside.parameters[i]), "%s", parameters[i]);
	*serial = arena_strdup(ar, "serial-1");
	answer_provider(result);
}

const struct sms_provider *sms_provider(const struct config *c)
{
	static const struct sms_provider p = {"fake", fake_send};
	(void)c;
	return &p;
}

bool provider_may_have_acted(const struct provider_result *result)
{
	(void)result;
	return outside.acted;
}

/* ---- help ---- */

static void outside_answers(enum provider_class class, const char *raw_code, const char *cause)
{
	outside.class = class;
	outside.raw_code = raw_code;
	outside.cause = cause;
	outside.acted = false;
	outside.meanwhile = NULL;
	outside.calls = 0;
	outside.frame = (struct bytes){(const unsigned char *)"jpeg", 4};
}

/* Makes every waiting job due and runs one. False when there was none. */
static bool run_one(void)
{
	static const char *const names[] = {"sms", "identity"};
	struct job job;
	int count = 0;
	OK(db_query(owner, a, NULL, "UPDATE job SET run_at = now() WHERE run_at > now() AND claim IS NULL AND dead_at IS NULL"));
	for (int i = 0; i < 2 && count == 0; i++)
		OK(queue_claim(jobs, a, names[i], worker, 30, 1, &job, &count));
	if (count == 0)
		return false;
	job_execute(jobs, a, &config, &keys, lanes, &job);
	CHECK(!db_in_transaction(jobs));
	return true;
}

static void drop_jobs(void)
{
	OK(db_query(owner, a, NULL, "DELETE FROM job"));
}

static const char *job_count(void)
{
	return VALUE(owner, "SELECT count(*)::text AS value FROM job", NULL);
}

static void pushed(struct application *p)
{
	drop_jobs();
	fixture_catalogue(&cat, NULL);
	fixture_draft(p, &cat, 1);
	fixture_submit(p, 1, true);
}

#define CARD_STATE_OF(p) VALUE(owner, "SELECT state AS value FROM application_card WHERE id = $1", (p).row[0])

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

static char *put_file(struct application *p, const char *purpose)
{
	struct evidence_writer *w;
	struct evidence_file file;
	char *id;
	const struct evidence_row row = {p->id, "holder", purpose, "image/jpeg", "enrolment", p->key.id, {NULL, 0}, NULL, 0};
	OK(evidence_start(&w, a, config.evidence_dir, &p->key));
	OK(evidence_write(w, "data", 4));
	OK(evidence_finish(w, &file));
	OK(evidence_insert(web, a, &row, &file, &id));
	return id;
}

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
				 "SELECT state || coalesce(digits, '') || (expires_at > now() + interval '299 s')::text AS value FROM "
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

/* ---- maintenance ---- */

static bool file_exists(const char *evidence_id)
{
	const char *key = VALUE(owner, "SELECT storage_key AS value FROM evidence WHERE id = $1", evidence_id);
	return access(arena_printf(a, "%s/%.2s/%s", config.evidence_dir, key, key), F_OK) == 0;
}

static void test_draft_expiry(void)
{
	struct application p, kept;
	struct crypt_key key;
	fixture_draft(&p, &cat, 1);
	fixture_draft(&kept, &cat, 0);
	char *file = put_file(&p, "clip"), *kept_file = put_file(&kept, "clip");
	OK(db_query(owner, a, NULL, "UPDATE application SET expires_at = now() - interval '1 second' WHERE id = $1", DB_TEXT(p.id)));
	OK(maintain_draft_expiry(jobs, a, &config, &keys));
	CHECK_TEXT(CARD_STATE_OF(p), "expired");
	CHECK(!file_exists(file) && file_exists(kept_file));
	CHECK_STATUS(datakey_load(jobs, a, &keys, p.key.id, &key), ST_NOT_FOUND);
	OK(datakey_load(jobs, a, &keys, kept.key.id, &key));
	CHECK_TEXT(VALUE(owner, "SELECT string_agg(action, ' ' ORDER BY number) AS value FROM audit WHERE application_id = $1", p.id),
		   "card.expired draft.expired draft.erased");
	OK(maintain_draft_expiry(jobs, a, &config, &keys));
	CHECK_TEXT(VALUE(owner, "SELECT count(*)::text AS value FROM audit WHERE application_id = $1", p.id), "3");
}

/* A draft whose file cannot be removed does not hold up the others, older or younger. */
static void test_draft_expiry_passes_a_bad_one(void)
{
	struct application p[3];
	struct crypt_key key;
	char *file = NULL;
	for (int i = 0; i < 3; i++) {
		fixture_draft(&p[i], &cat, 0);
		if (i == 1)
			file = put_file(&p[i], "clip");
		OK(db_query(owner, a, NULL, "UPDATE application SET expires_at = now() - make_interval(secs => $2) WHERE id = $1",
			    DB_TEXT(p[i].id), DB_INT(1 + i)));
	}
	const char *storage_key = VALUE(owner, "SELECT storage_key AS value FROM evidence WHERE id = $1", file);
	const char *path = arena_printf(a, "%s/%.2s/%s", config.evidence_dir, storage_key, storage_key);
	CHECK(unlink(path) == 0 && mkdir(path, 0700) == 0);
	CHECK_STATUS(maintain_draft_expiry(jobs, a, &config, &keys), ST_UNAVAILABLE);
	CHECK_STATUS(datakey_load(jobs, a, &keys, p[0].key.id, &key), ST_NOT_FOUND);
	OK(datakey_load(jobs, a, &keys, p[1].key.id, &key));
	CHECK_STATUS(datakey_load(jobs, a, &keys, p[2].key.id, &key), ST_NOT_FOUND);
	CHECK(rmdir(path) == 0);
	OK(maintain_draft_expiry(jobs, a, &config, &keys));
	CHECK_STATUS(datakey_load(jobs, a, &keys, p[1].key.id, &key), ST_NOT_FOUND);
}

/* Cut off between the mark and the erasure: the next round finishes it. */
static void test_draft_expiry_goes_on(void)
{
	struct application p;
	struct crypt_key key;
	fixture_draft(&p, &cat, 0);
	char *file = put_file(&p, "clip");
	OK(db_query(owner, a, NULL, "UPDATE application SET expired_at = now() WHERE id = $1", DB_TEXT(p.id)));
	OK(maintain_draft_expiry(jobs, a, &config, &keys));
	CHECK(!file_exists(file));
	CHECK_STATUS(datakey_load(jobs, a, &keys, p.key.id, &key), ST_NOT_FOUND);
}

static void test_clip_expiry(void)
{
	struct application p;
	pushed(&p);
	char *clip = put_file(&p, "clip"), *fresh = put_file(&p, "clip"), *picture = put_file(&p, "certificate_front");
	OK(db_query(owner, a, NULL, "UPDATE evidence SET created_at = now() - interval '25 hours' WHERE id IN ($1, $2)", DB_TEXT(clip),
		    DB_TEXT(picture)));
	OK(maintain_clip_expiry(jobs, a, &config, &keys));
	CHECK(!file_exists(clip) && file_exists(fresh) && file_exists(picture));
	CHECK(VALUE(owner, "SELECT deleted_at::text AS value FROM evidence WHERE id = $1", clip) != NULL);
}

/* An upload of one piece; the piece's path. */
static char *put_upload(struct application *p, char **id)
{
	struct resumable wanted = {.id = crypt_uuid(a), .kind = "front", .length = 10}, u;
	struct resumable_files replaced;
	struct evidence_writer *w;
	struct evidence_file file;
	int64_t expires_at;
	OK(db_begin(web));
	OK(resumable_create(web, a, &tester, p->id, &wanted, &expires_at, &replaced));
	OK(db_commit(web));
	OK(resumable_load(web, a, p->id, wanted.id, &u));
	OK(evidence_start(&w, a, config.evidence_dir, &p->key));
	OK(evidence_write(w, "data", 4));
	OK(evidence_finish(w, &file));
	OK(resumable_add(web, a, &u, &file));
	*id = arena_strdup(a, wanted.id);
	return arena_printf(a, "%s/%.2s/%s", config.evidence_dir, file.storage_key, file.storage_key);
}

static void test_upload_expiry(void)
{
	const struct timespec old[2] = {{.tv_sec = 1000000}, {.tv_sec = 1000000}};
	struct application late, young, ended;
	char *late_id, *young_id, *ended_id;
	fixture_draft(&late, &cat, 0);
	fixture_draft(&young, &cat, 0);
	fixture_draft(&ended, &cat, 0);
	put_file(&young, "clip");
	char *late_path = put_upload(&late, &late_id), *young_path = put_upload(&young, &young_id),
	     *ended_path = put_upload(&ended, &ended_id);
	OK(db_query(owner, a, NULL, "UPDATE upload SET expires_at = now() - interval '1 second' WHERE id = $1", DB_TEXT(late_id)));
	OK(maintain_upload_expiry(jobs, a, &config, &keys));
	CHECK(access(late_path, F_OK) != 0 && access(young_path, F_OK) == 0);
	CHECK_TEXT(VALUE(owner, "SELECT count(*)::text AS value FROM upload WHERE id = $1", late_id), "0");
	CHECK_TEXT(VALUE(owner, "SELECT string_agg(action, ' ' ORDER BY number) AS value FROM audit WHERE application_id = $1", late.id),
		   "upload.started upload.expired");
	/* a piece is no file without a row, however old */
	CHECK(utimensat(AT_FDCWD, young_path, old, 0) == 0);
	OK(maintain_sweep(jobs, a, &config, &keys));
	CHECK(access(young_path, F_OK) == 0);
	/* and goes with its draft */
	OK(db_query(owner, a, NULL, "UPDATE application SET expires_at = now() - interval '1 second' WHERE id = $1", DB_TEXT(ended.id)));
	OK(maintain_draft_expiry(jobs, a, &config, &keys));
	CHECK(access(ended_path, F_OK) != 0);
	CHECK_TEXT(VALUE(owner, "SELECT count(*)::text AS value FROM upload WHERE id = $1", ended_id), "0");
}

static void test_sweep(void)
{
	struct application p;
	struct evidence_writer *w;
	struct evidence_file orphan, young;
	fixture_draft(&p, &cat, 0);
	char *owned = put_file(&p, "clip");
	OK(evidence_start(&w, a, config.evidence_dir, &p.key));
	OK(evidence_write(w, "x", 1));
	OK(evidence_finish(w, &orphan));
	OK(evidence_start(&w, a, config.evidence_dir, &p.key));
	OK(evidence_write(w, "x", 1));
	OK(evidence_finish(w, &young));
	const struct timespec old[2] = {{.tv_sec = 1000000}, {.tv_sec = 1000000}};
	const char *key = VALUE(owner, "SELECT storage_key AS value FROM evidence WHERE id = $1", owned);
	char *orphan_path = arena_printf(a, "%s/%.2s/%s", config.evidence_dir, orphan.storage_key, orphan.storage_key);
	char *young_path = arena_printf(a, "%s/%.2s/%s", config.evidence_dir, young.storage_key, young.storage_key);
	CHECK(utimensat(AT_FDCWD, orphan_path, old, 0) == 0);
	CHECK(utimensat(AT_FDCWD, arena_printf(a, "%s/%.2s/%s", config.evidence_dir, key, key), old, 0) == 0);
	OK(maintain_sweep(jobs, a, &config, &keys));
	CHECK(access(orphan_path, F_OK) != 0 && access(young_path, F_OK) == 0 && file_exists(owned));
}

static void test_cleanup(void)
{
	char *message, *other;
	struct bytes hash = {(const unsigned char *)"old-session", 11};
	OK(sms_enqueue(web, a, &keys, NULL, "result_ok", NULL, "13800000001", &message));
	OK(sms_enqueue(web, a, &keys, NULL, "result_ok", NULL, "13800000001", &other));
	drop_jobs();
	OK(db_query(owner, a, NULL, "UPDATE sms_message SET created_at = now() - interval '8 days' WHERE id = $1", DB_TEXT(message)));
	OK(db_query(web, a, NULL, "INSERT INTO session (id_hash, expires_at) VALUES ($1, now() - interval '1 second')", DB_BYTES(hash)));
	OK(db_query(owner, a, NULL,
		    "INSERT INTO attempt (kind, key, at) SELECT 'old', '\\x01', now() - interval '3 days' FROM generate_series(1, 4500)"));
	OK(db_query(owner, a, NULL,
		    "INSERT INTO job_done (id, kind, lane, attempts, deaths, outcome, created_at, finished_at) "
		    "VALUES (0, 'old', 'sms', 1, 0, 'done', now(), now() - interval '31 days')"));
	OK(maintain_cleanup(jobs, a, &config, &keys));
	CHECK(VALUE(owner, "SELECT phone_sealed::text AS value FROM sms_message WHERE id = $1", message) == NULL);
	CHECK(VALUE(owner, "SELECT phone_sealed::text AS value FROM sms_message WHERE id = $1", other) != NULL);
	CHECK_TEXT(VALUE(owner, "SELECT count(*)::text AS value FROM attempt WHERE kind = 'old'", NULL), "0");
	CHECK_TEXT(VALUE(owner, "SELECT count(*)::text AS value FROM session WHERE expires_at < now()", NULL), "0");
	CHECK_TEXT(VALUE(owner, "SELECT count(*)::text AS value FROM job_done WHERE kind = 'old'", NULL), "0");
}

static void test_schedule_runs_once(void)
{
	OK(maintenance_prepare(jobs, a));
	OK(maintenance_prepare(jobs, a));
	OK(maintenance_run_due(jobs, a, &config, &keys));
	CHECK_TEXT(VALUE(owner, "SELECT count(*)::text AS value FROM job_schedule WHERE next_at > now()", NULL), "12");
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
	RUN(test_draft_expiry);
	RUN(test_draft_expiry_passes_a_bad_one);
	RUN(test_draft_expiry_goes_on);
	RUN(test_clip_expiry);
	RUN(test_upload_expiry);
	RUN(test_sweep);
	RUN(test_cleanup);
	RUN(test_schedule_runs_once);
	return fixture_end();
}
