/* Acceptance in two stages, results that come when they like, what staff decide, asking again, and the next password. */
#include <sys/wait.h>

#include "party.h"
#include "sender.h"
#include "store/t1_decide.h"
#include "store/t1_result.h"

static struct db *op;
static const struct actor staff = {.name = "operator:test"};

#define TWO_STAGES ",\"completion\":\"callback\",\"reconcile_hours\":2"

static void pushed_with(struct application *p, const char *profile)
{
	drop_jobs();
	fixture_catalogue(&cat, NULL);
	profile_set(&cat, profile);
	fixture_draft(p, &cat, 1);
	fixture_submit(p, 1, true);
}

/* The nth message of the card, counted from 0. */
static const char *request_id(const struct application *p, int nth)
{
	struct db_result *r;
	OK(db_query(owner, a, &r, "SELECT request_id FROM t1_message WHERE application_card_id = $1 ORDER BY sequence",
		    DB_TEXT(p->row[0])));
	return nth < db_rows(r) ? db_text(r, nth, "request_id") : "";
}

static enum t1_completion complete(const char *connection, const char *id, bool good, const char *cause)
{
	enum t1_completion what = T1_COMPLETION_UNKNOWN;
	OK(db_begin(jobs));
	OK(t1_complete(jobs, a, connection, id, good, cause, &what));
	OK(db_commit(jobs));
	return what;
}

#define RETRY 0
#define SUPERSEDE 1
#define SKIP 2
static enum status decide(int what, const char *id)
{
	struct t1_choice m;
	const char *new_id;
	OK(db_begin(op));
	enum status st = t1_choose(op, a, id, &m);
	if (st == ST_OK)
		st = what == RETRY       ? t1_retry(op, a, &staff, &m)
		     : what == SUPERSEDE ? t1_supersede(op, a, &keys, &staff, &m, "数据已更正", &new_id)
					 : t1_skip(op, a, &config, &keys, &staff, &m, "运营商已确认");
	if (st == ST_OK)
		OK(db_commit(op));
	db_rollback(op);
	return st;
}

static struct t1_reconciled reconcile(void)
{
	struct t1_reconciled found;
	OK(t1_reconcile(jobs, a, cat.connection, 0, &found));
	return found;
}

/* As if everything of the card had happened so long ago. */
static void age(const struct application *p, const char *interval)
{
	OK(db_query(owner, a, NULL, "UPDATE t1_message SET created_at = created_at - $2::interval WHERE application_card_id = $1",
		    DB_TEXT(p->row[0]), DB_TEXT(interval)));
	OK(db_query(owner, a, NULL,
		    "UPDATE t1_attempt SET at = at - $2::interval WHERE message_id IN (SELECT id FROM t1_message WHERE application_card_id "
		    "= $1)",
		    DB_TEXT(p->row[0]), DB_TEXT(interval)));
}

static void test_two_stages(void)
{
	struct application p;
	pushed_with(&p, PROFILE_WITH(TWO_STAGES));
	carrier_answers(200, "1", NULL);
	CHECK(run_one());
	CHECK_TEXT(MESSAGES_OF(p), "accepted waiting");
	CHECK_TEXT(CARD_STATE_OF(p), "pushing");
	CHECK(!run_one()); /* the vehicle message waits for the result */
	CHECK(complete(cat.connection, request_id(&p, 0), true, NULL) == T1_COMPLETION_KEPT);
	CHECK_TEXT(MESSAGES_OF(p), "accepted waiting");
	CHECK(run_one()); /* acts on the result, without asking */
	CHECK(carrier.calls == 1);
	CHECK_TEXT(MESSAGES_OF(p), "done waiting");
	CHECK(run_one());
	CHECK_TEXT(MESSAGES_OF(p), "done accepted");
	CHECK(carrier.calls == 2);
	CHECK(complete(cat.connection, request_id(&p, 1), true, NULL) == T1_COMPLETION_KEPT);
	CHECK(complete(cat.connection, request_id(&p, 1), true, NULL) == T1_COMPLETION_KEPT);
	CHECK(run_one());
	CHECK_TEXT(CARD_STATE_OF(p), "done");
	CHECK(!run_one());
	/* late repetitions change nothing */
	CHECK(complete(cat.connection, request_id(&p, 1), true, NULL) == T1_COMPLETION_KEPT);
	CHECK(complete(cat.connection, request_id(&p, 1), false, "400") == T1_COMPLETION_OTHER);
	CHECK_TEXT(MESSAGES_OF(p), "done done");
	CHECK_TEXT(VALUE(owner, "SELECT count(*)::text AS value FROM registration WHERE card_id = $1", cat.card[0]), "1");
}

/* Acting on a result does not wait for the budget of retries; asking again by the clock does. */
static void test_a_result_is_no_retry(void)
{
	struct application p;
	struct job job;
	pushed_with(&p, PROFILE_WITH(TWO_STAGES));
	carrier_answers(200, "1", NULL);
	CHECK(run_one());
	age(&p, "3 hours");
	CHECK(reconcile().asked == 1);
	CHECK(claim(&job, 1) == 1 && queue_is_retry(&job));
	OK(send_all(&job, 1));
	CHECK_TEXT(MESSAGES_OF(p), "accepted waiting");
	CHECK(complete(cat.connection, request_id(&p, 0), true, NULL) == T1_COMPLETION_KEPT);
	CHECK(claim(&job, 1) == 1 && !queue_is_retry(&job));
	OK(send_all(&job, 1));
	CHECK_TEXT(MESSAGES_OF(p), "done waiting");
}

static void test_a_refusal_as_result(void)
{
	struct application p;
	pushed_with(&p, PROFILE_WITH(TWO_STAGES));
	carrier_answers(200, "1", NULL);
	CHECK(run_one());
	CHECK(complete(cat.connection, request_id(&p, 0), false, "证件号码有误") == T1_COMPLETION_KEPT);
	CHECK(complete(cat.connection, request_id(&p, 0), true, NULL) == T1_COMPLETION_OTHER);
	CHECK(run_one());
	CHECK_TEXT(MESSAGES_OF(p), "refused superseded");
	CHECK_TEXT(CARD_STATE_OF(p), "refused");
	CHECK_TEXT(VALUE(owner, "SELECT refusal_key || ' ' || refusal_raw AS value FROM application_card WHERE id = $1", p.row[0]),
		   "t1.certificate 证件号码有误");
}

static void test_results_of_strangers(void)
{
	struct application p;
	struct catalogue own;
	pushed_with(&p, PROFILE_WITH(TWO_STAGES));
	own = cat;
	carrier_answers(200, "1", NULL);
	CHECK(complete(own.connection, request_id(&p, 0), true, NULL) == T1_COMPLETION_UNKNOWN); /* it was never sent */
	CHECK(run_one());
	fixture_catalogue(&cat, NULL);
	CHECK(complete(cat.connection, request_id(&p, 0), true, NULL) == T1_COMPLETION_UNKNOWN);
	CHECK(complete(own.connection, "AAAAAAAAAAAAAAAAAAAAAAAA", true, NULL) == T1_COMPLETION_UNKNOWN);
	cat = own;
	CHECK_TEXT(MESSAGES_OF(p), "accepted waiting");
	CHECK(!run_one());
	db_rollback(jobs);
	enum t1_completion what;
	CHECK_STATUS(t1_complete(jobs, a, own.connection, request_id(&p, 0), false, NULL, &what), ST_INVALID);
}

/* The result is faster than the answer: between the two steps of the sender. */
static void test_a_result_before_its_first_stage(void)
{
	struct application p;
	struct job job;
	struct t1_flight f = {0}, *one = &f;
	pushed_with(&p, PROFILE_WITH(TWO_STAGES));
	carrier_answers(200, "1", NULL);
	CHECK(claim(&job, 1) == 1);
	f.job = job;
	OK(t1_prepare(jobs, a, &config, &keys, &one, 1));
	OK(t1_record(jobs, a, &config, &keys, &one, 1));
	fly(a, &f.call, &f.http);
	(void)t1_judge(a, &f);
	CHECK(complete(cat.connection, request_id(&p, 0), true, NULL) == T1_COMPLETION_KEPT);
	OK(t1_settle(jobs, a, &config, &keys, &one, 1));
	CHECK_TEXT(MESSAGES_OF(p), "done waiting");
	CHECK(run_one());
	CHECK_TEXT(MESSAGES_OF(p), "done accepted");
}

/* The result is being written at the very moment when the answer is: the answer waits, and then knows. */
static void test_a_result_at_the_same_moment(void)
{
	struct application p;
	struct job job;
	struct t1_flight f = {0}, *one = &f;
	enum t1_completion what;
	int status;
	pushed_with(&p, PROFILE_WITH(TWO_STAGES));
	carrier_answers(200, "1", NULL);
	CHECK(claim(&job, 1) == 1);
	f.job = job;
	OK(t1_prepare(jobs, a, &config, &keys, &one, 1));
	OK(t1_record(jobs, a, &config, &keys, &one, 1));
	fly(a, &f.call, &f.http);
	(void)t1_judge(a, &f);
	OK(db_begin(jobs));
	OK(t1_complete(jobs, a, cat.connection, request_id(&p, 0), true, NULL, &what));
	pid_t child = fork();
	if (child == 0) {
		struct db *other = fixture_connect("realname_jobs");
		_exit(t1_settle(other, a, &config, &keys, &one, 1) == ST_OK ? 0 : 1);
	}
	const char *waits;
	do
		waits = VALUE(owner, "SELECT count(*)::text AS value FROM pg_locks WHERE NOT granted", NULL);
	while (waits && strcmp(waits, "0") == 0 && waitpid(child, &status, WNOHANG) == 0);
	OK(db_commit(jobs));
	CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0);
	CHECK_TEXT(MESSAGES_OF(p), "done waiting");
	CHECK(run_one());
	CHECK_TEXT(MESSAGES_OF(p), "done accepted");
}

/* Somebody changes the job when the result is told: it is told once, so it waits. */
static void test_a_result_for_a_job_that_is_locked(void)
{
	struct application p;
	int status;
	pushed_with(&p, PROFILE_WITH(TWO_STAGES));
	carrier_answers(200, "1", NULL);
	CHECK(run_one());
	CHECK_TEXT(MESSAGES_OF(p), "accepted waiting");
	const char *id = arena_strdup(a, request_id(&p, 0));
	OK(db_begin(jobs));
	OK(db_query(jobs, a, NULL, "SELECT FROM job FOR UPDATE"));
	pid_t child = fork();
	if (child == 0) {
		struct db *other = fixture_connect("realname_instruction");
		enum t1_completion what;
		_exit(t1_complete(other, a, cat.connection, id, true, NULL, &what) == ST_OK && what == T1_COMPLETION_KEPT ? 0 : 1);
	}
	const char *waits;
	do
		waits = VALUE(owner, "SELECT count(*)::text AS value FROM pg_locks WHERE NOT granted", NULL);
	while (waits && strcmp(waits, "0") == 0 && waitpid(child, &status, WNOHANG) == 0);
	db_rollback(jobs);
	CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0);
	CHECK(run_one());
	CHECK_TEXT(MESSAGES_OF(p), "done waiting");
}

static void test_reconcile_asks_again(void)
{
	struct application p;
	pushed_with(&p, PROFILE_WITH(TWO_STAGES));
	carrier_answers(200, "1", NULL);
	CHECK(run_one());
	age(&p, "1 hour 59 minutes");
	struct t1_reconciled found = reconcile();
	CHECK(found.asked == 0 && found.mended == 0 && found.oldest == 0);
	CHECK(!run_one());
	age(&p, "2 minutes");
	found = reconcile();
	CHECK(found.asked == 1 && found.mended == 0 && found.oldest > 0);
	found = reconcile(); /* it is on its way already */
	CHECK(found.asked == 0);
	CHECK(run_one());
	CHECK(carrier.calls == 2);
	CHECK_TEXT(carrier.bodies[1], carrier.bodies[0]);
	CHECK_TEXT(MESSAGES_OF(p), "accepted waiting");
	found = reconcile(); /* somebody asked a moment ago */
	CHECK(found.asked == 0 && !run_one());
	CHECK(complete(cat.connection, request_id(&p, 0), true, NULL) == T1_COMPLETION_KEPT);
	CHECK(run_one());
	CHECK_TEXT(MESSAGES_OF(p), "done waiting");
}

/* What only waits for its next try, or behind another, is left alone; a message that lost its job gets one again. */
static void test_reconcile_mends(void)
{
	struct application p;
	pushed_with(&p, PROFILE_WITH(""));
	carrier_answers(503, "1", NULL);
	CHECK(run_one());
	age(&p, "25 hours");
	struct t1_reconciled found = reconcile();
	CHECK(found.asked == 0 && found.mended == 0);
	drop_jobs();
	found = reconcile();
	CHECK(found.asked == 0 && found.mended == 2);
	carrier_answers(200, "1", NULL);
	CHECK(run_one() && run_one());
	CHECK_TEXT(MESSAGES_OF(p), "done done");
	CHECK_TEXT(CARD_STATE_OF(p), "done");
}

static void refused_vehicle(struct application *p)
{
	pushed_with(p, PROFILE_WITH(""));
	carrier_answers(200, "1", NULL);
	CHECK(run_one());
	carrier_answers(200, "2", "400 车架号有误");
	CHECK(run_one());
	CHECK_TEXT(MESSAGES_OF(*p), "done refused");
	CHECK_TEXT(CARD_STATE_OF(*p), "pushing");
	CHECK(!run_one());
}

static void test_retry_of_a_refused_vehicle(void)
{
	struct application p;
	refused_vehicle(&p);
	char *before = arena_strdup(a, carrier.bodies[0]);
	OK(decide(RETRY, request_id(&p, 1)));
	carrier_answers(200, "1", NULL);
	CHECK(run_one());
	CHECK_TEXT(carrier.bodies[0], before);
	CHECK_TEXT(CARD_STATE_OF(p), "done");
	CHECK_TEXT(VALUE(owner, "SELECT action || ' ' || actor AS value FROM audit WHERE application_id = $1 AND action LIKE 't1.%'", p.id),
		   "t1.retried operator:test");
	CHECK_STATUS(decide(RETRY, request_id(&p, 1)), ST_CONFLICT);
}

static void test_supersede_of_a_refused_vehicle(void)
{
	struct application p;
	refused_vehicle(&p);
	const char *old = request_id(&p, 1);
	OK(db_query(owner, a, NULL, "UPDATE vehicle SET sales_time = 'wrong' WHERE id = $1", DB_TEXT(cat.vehicle)));
	CHECK_STATUS(decide(SUPERSEDE, old), ST_INVALID); /* still not good: nothing changes */
	CHECK(strstr(status_message(), "VehicleSalesTime") != NULL);
	OK(db_query(owner, a, NULL, "UPDATE vehicle SET sales_time = '20200102101010', body_color = '红' WHERE id = $1",
		    DB_TEXT(cat.vehicle)));
	OK(decide(SUPERSEDE, old));
	CHECK_TEXT(MESSAGES_OF(p), "done superseded waiting");
	CHECK_TEXT(VALUE(owner,
			 "SELECT n.request_id || ' ' || o.decision AS value FROM t1_message o JOIN t1_message n ON n.id = o.superseded_by "
			 "WHERE o.request_id = $1",
			 old),
		   arena_printf(a, "%s 数据已更正", request_id(&p, 2)));
	CHECK(strcmp(old, request_id(&p, 2)) != 0);
	CHECK_TEXT(told(message_of(p.row[0], 2), "BodyColor"), "红");
	carrier_answers(200, "1", NULL);
	CHECK(run_one() && !run_one());
	CHECK(strstr(carrier.bodies[0], request_id(&p, 2)) != NULL);
	CHECK_TEXT(MESSAGES_OF(p), "done superseded done");
	CHECK_TEXT(CARD_STATE_OF(p), "done");
}

/* The dead letter of a refused message names cause and remedy, and can be put back as such. */
static void test_requeue_of_a_refused_vehicle(void)
{
	struct application p;
	refused_vehicle(&p);
	const struct queue_cause *cause = queue_cause(VALUE(owner, "SELECT dead_cause AS value FROM job WHERE dead_at IS NOT NULL", NULL));
	CHECK(strstr(cause->remedy, "supersede") && strstr(cause->remedy, "retry"));
}

static void test_skip(void)
{
	struct application p;
	refused_vehicle(&p);
	OK(decide(SKIP, request_id(&p, 1)));
	CHECK_TEXT(MESSAGES_OF(p), "done skipped");
	CHECK_TEXT(CARD_STATE_OF(p), "done");
	CHECK_TEXT(VALUE(owner, "SELECT count(*)::text AS value FROM registration WHERE ended_at IS NULL AND card_id = $1", cat.card[0]),
		   "1");
	CHECK_TEXT(VALUE(owner, "SELECT detail->>'reason' AS value FROM audit WHERE application_id = $1 AND action = 't1.skipped'", p.id),
		   "运营商已确认");
	CHECK(!run_one());
	/* the first of two: what follows goes out */
	pushed_with(&p, PROFILE_WITH(""));
	carrier_answers(200, "1", NULL);
	OK(decide(SKIP, request_id(&p, 0)));
	CHECK_TEXT(MESSAGES_OF(p), "skipped waiting");
	CHECK(run_one());
	CHECK(strstr(carrier.bodies[0], "EncryptCarInfo") != NULL);
	CHECK_TEXT(CARD_STATE_OF(p), "done");
}

/* The carrier said that it has the account, staff skipped it, and then the car's data are refused: the person is registered there, so nobody
 * tells him that he is not. */
static void test_refused_after_a_skip(void)
{
	struct application p;
	pushed_with(&p, PROFILE_WITH(""));
	carrier_answers(503, "1", NULL);
	CHECK(run_one());
	OK(decide(SKIP, request_id(&p, 0)));
	carrier_answers(200, "2", "400 车架号有误");
	CHECK(run_one());
	CHECK_TEXT(MESSAGES_OF(p), "skipped refused");
	CHECK_TEXT(CARD_STATE_OF(p), "pushing");
	CHECK_TEXT(VALUE(owner, "SELECT count(*)::text AS value FROM sms_message WHERE application_id = $1", p.id), "0");
	CHECK_TEXT(VALUE(owner, "SELECT dead_cause AS value FROM job WHERE dead_at IS NOT NULL", NULL), "vehicle_refused");
	OK(decide(RETRY, request_id(&p, 1)));
	carrier_answers(200, "1", NULL);
	CHECK(run_one());
	CHECK_TEXT(MESSAGES_OF(p), "skipped done");
	CHECK_TEXT(CARD_STATE_OF(p), "done");
}

/* A result that no job has acted on yet, because its connection is suspended: it counts, whatever people decide. */
static void test_no_skip_over_a_result(void)
{
	struct application p;
	pushed_with(&p, PROFILE_WITH(TWO_STAGES));
	carrier_answers(200, "1", NULL);
	CHECK(run_one());
	CHECK(complete(cat.connection, request_id(&p, 0), true, NULL) == T1_COMPLETION_KEPT);
	CHECK(run_one() && run_one());
	CHECK(complete(cat.connection, request_id(&p, 1), false, "400 车架号有误") == T1_COMPLETION_KEPT);
	CHECK_TEXT(MESSAGES_OF(p), "done accepted");
	CHECK_STATUS(decide(SKIP, request_id(&p, 1)), ST_CONFLICT);
	CHECK(strstr(status_message(), "result is here") != NULL);
	CHECK_TEXT(MESSAGES_OF(p), "done accepted");
	CHECK_TEXT(CARD_STATE_OF(p), "pushing");
	CHECK(run_one());
	CHECK_TEXT(MESSAGES_OF(p), "done refused");
	OK(decide(SKIP, request_id(&p, 1))); /* it was acted on, and staff have seen it */
	CHECK_TEXT(CARD_STATE_OF(p), "done");
}

static void test_what_staff_may_not_decide(void)
{
	struct application p;
	struct job job;
	pushed_with(&p, PROFILE_WITH(""));
	CHECK_STATUS(decide(RETRY, "AAAAAAAAAAAAAAAAAAAAAAAA"), ST_NOT_FOUND);
	CHECK_STATUS(decide(RETRY, "0123456789abcdef0123456789abcdef0123"), ST_NOT_FOUND);
	CHECK_STATUS(decide(RETRY, crypt_uuid(a)), ST_NOT_FOUND);
	CHECK_STATUS(decide(RETRY, "'; DROP TABLE job; --"), ST_NOT_FOUND);
	OK(decide(RETRY, VALUE(owner, "SELECT upper(id::text) AS value FROM t1_message WHERE kind = 'account' AND application_card_id = $1", p.row[0])));
	CHECK(claim(&job, 1) == 1); /* somebody sends it at this moment */
	CHECK_STATUS(decide(RETRY, request_id(&p, 0)), ST_BUSY);
	CHECK_STATUS(decide(SKIP, request_id(&p, 0)), ST_BUSY);
	CHECK_STATUS(decide(SUPERSEDE, request_id(&p, 0)), ST_BUSY);
	carrier_answers(503, "1", NULL);
	OK(send_all(&job, 1));
	CHECK_STATUS(decide(SUPERSEDE, request_id(&p, 0)),
		     ST_CONFLICT); /* the carrier may have it: another RequestID could register twice */
	CHECK(strstr(status_message(), "t1 result MESSAGE done") != NULL);
	OK(decide(RETRY, request_id(&p, 0)));
	carrier_answers(200, "2", "证件号码有误");
	CHECK(run_one());
	CHECK_TEXT(CARD_STATE_OF(p), "refused");
	for (int what = RETRY; what <= SKIP; what++)
		CHECK_STATUS(decide(what, request_id(&p, 0)), ST_CONFLICT); /* the user begins again */
}

static void test_the_next_password(void)
{
	struct application p, q;
	pushed_with(&p, PROFILE_WITH(",\"password_secret_next\":\"password.next\""));
	write_secret("password.next", "another");
	carrier_answers(200, "2", "401");
	CHECK(run_one());
	CHECK_TEXT(VALUE(owner, "SELECT next_password || ' ' || (suspended_at IS NOT NULL) AS value FROM carrier_connection WHERE id = $1",
			 cat.connection),
		   "true false");
	carrier_answers(200, "1", NULL);
	CHECK(run_one());
	const char *sign = strstr(carrier.bodies[0], "SignNature");
	CHECK(sign && strstr(carrier.bodies[0], t1_sign(a, "PLATFORM", "another", true)) != NULL);
	CHECK_TEXT(MESSAGES_OF(p), "done waiting");
	CHECK(run_one()); /* remembered */
	CHECK(strstr(carrier.bodies[1], t1_sign(a, "PLATFORM", "another", true)) != NULL);
	CHECK_TEXT(CARD_STATE_OF(p), "done");
	/* both are refused: people are asked, and begin again with the first */
	fixture_draft(&q, &cat, 1);
	set_kind(&q, "update");
	fixture_submit(&q, 1, true);
	carrier_answers(401, "1", NULL);
	CHECK(run_one());
	CHECK_TEXT(VALUE(owner, "SELECT next_password || ' ' || (suspended_at IS NOT NULL) AS value FROM carrier_connection WHERE id = $1",
			 cat.connection),
		   "false true");
	CHECK_TEXT(VALUE(owner, "SELECT attempts::text AS value FROM job WHERE kind = 't1_send'", NULL), "0");
}

int main(void)
{
	fixture_start();
	sender_start();
	op = fixture_connect("realname_operator");
	RUN(test_two_stages);
	RUN(test_a_result_is_no_retry);
	RUN(test_a_refusal_as_result);
	RUN(test_results_of_strangers);
	RUN(test_a_result_before_its_first_stage);
	RUN(test_a_result_at_the_same_moment);
	RUN(test_a_result_for_a_job_that_is_locked);
	RUN(test_reconcile_asks_again);
	RUN(test_reconcile_mends);
	RUN(test_retry_of_a_refused_vehicle);
	RUN(test_supersede_of_a_refused_vehicle);
	RUN(test_requeue_of_a_refused_vehicle);
	RUN(test_skip);
	RUN(test_refused_after_a_skip);
	RUN(test_no_skip_over_a_result);
	RUN(test_what_staff_may_not_decide);
	RUN(test_the_next_password);
	db_close(op);
	return fixture_end();
}
