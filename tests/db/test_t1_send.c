/* Messages to carriers against a real database, as the sender takes them through their steps. */
#include <sys/wait.h>

#include "sender.h"

/* ---- T1 ---- */

static void test_t1_account_then_vehicle_then_done(void)
{
	struct application p;
	pushed(&p);
	carrier_answers(200, "1", NULL);
	CHECK(run_one());
	CHECK_TEXT(MESSAGES_OF(p), "done waiting");
	CHECK_TEXT(CARD_STATE_OF(p), "pushing");
	CHECK(run_one());
	CHECK_TEXT(MESSAGES_OF(p), "done done");
	CHECK_TEXT(CARD_STATE_OF(p), "done");
	CHECK(carrier.calls == 2 && !carrier.in_transaction);
	CHECK(strstr(carrier.bodies[0], "EncryptUserInfo") && strstr(carrier.bodies[1], "EncryptCarInfo"));
	CHECK_TEXT(VALUE(owner, "SELECT count(*)::text AS value FROM registration WHERE ended_at IS NULL AND card_id = $1", cat.card[0]),
		   "1");
	CHECK_TEXT(VALUE(owner, "SELECT string_agg(kind, ' ' ORDER BY id) AS value FROM job", NULL), "sms_send");
}

static void test_t1_unknown_is_sent_again_with_the_same_bytes(void)
{
	static const struct {
		int status;
		const char *result, *cause;
	} answers[] = {{0, NULL, NULL}, {503, "1", NULL}, {200, "2", "604"}, {429, "1", NULL}};
	struct application p;
	pushed(&p);
	carrier_answers(0, NULL, NULL);
	for (size_t i = 0; i < 4; i++) {
		carrier.status = answers[i].status;
		carrier.result = answers[i].result;
		carrier.cause = answers[i].cause;
		CHECK(run_one());
		CHECK_TEXT(MESSAGES_OF(p), "sent waiting");
	}
	CHECK_TEXT(VALUE(owner, "SELECT attempts::text AS value FROM job WHERE NOT behind", NULL), "4");
	carrier.status = 200;
	carrier.result = "1";
	CHECK(run_one());
	CHECK_TEXT(MESSAGES_OF(p), "done waiting");
	for (int i = 1; i < 5; i++)
		CHECK_TEXT(carrier.bodies[i], carrier.bodies[0]);
	CHECK_TEXT(
		VALUE(owner,
		      "SELECT string_agg(t.outcome, ' ' ORDER BY t.id) AS value FROM t1_attempt t JOIN t1_message m ON m.id = t.message_id "
		      "WHERE m.application_card_id = $1",
		      p.row[0]),
		"unknown unknown unknown unknown done");
}

static void test_t1_refused_account(void)
{
	struct application p;
	pushed(&p);
	carrier_answers(200, "2", "证件号码有误");
	CHECK(run_one());
	CHECK_TEXT(MESSAGES_OF(p), "refused superseded");
	CHECK_TEXT(CARD_STATE_OF(p), "refused");
	CHECK_TEXT(VALUE(owner, "SELECT refusal_raw AS value FROM application_card WHERE id = $1", p.row[0]), "证件号码有误");
	CHECK(run_one() && carrier.calls == 1); /* the vehicle message is not sent any more, its job goes */
	CHECK_TEXT(VALUE(owner, "SELECT string_agg(kind, ' ' ORDER BY id) AS value FROM job", NULL), "sms_send");
}

static void test_t1_refused_vehicle_waits_for_staff(void)
{
	struct application p;
	pushed(&p);
	carrier_answers(200, "1", NULL);
	CHECK(run_one());
	carrier_answers(200, "2", "400");
	CHECK(run_one());
	CHECK_TEXT(MESSAGES_OF(p), "done refused");
	CHECK_TEXT(CARD_STATE_OF(p), "pushing");
	CHECK_TEXT(VALUE(owner, "SELECT dead_cause AS value FROM job WHERE dead_at IS NOT NULL", NULL), T1_DEAD_REFUSED);
	CHECK(!run_one());
}

static void test_t1_credential_suspends_the_connection(void)
{
	struct application p;
	pushed(&p);
	carrier_answers(401, "1", NULL);
	CHECK(run_one());
	CHECK_TEXT(CARD_STATE_OF(p), "pushing");
	CHECK_TEXT(VALUE(owner, "SELECT attempts::text AS value FROM job WHERE NOT behind", NULL), "0");
	CHECK(VALUE(owner, "SELECT suspended_at::text AS value FROM carrier_connection WHERE id = $1", cat.connection) != NULL);
	CHECK(run_one());
	CHECK(carrier.calls == 1); /* nothing is sent while it is suspended */
	CHECK_TEXT(VALUE(owner, "SELECT attempts::text AS value FROM job WHERE NOT behind", NULL), "0");
	OK(db_query(owner, a, NULL, "UPDATE carrier_connection SET suspended_at = NULL WHERE id = $1", DB_TEXT(cat.connection)));
	carrier_answers(200, "1", NULL);
	CHECK(run_one());
	CHECK_TEXT(MESSAGES_OF(p), "done waiting");
}

/* The lease ran out while the answer was on its way and somebody else took the job: the late answer writes nothing. */
static void test_t1_late_worker_is_fenced(void)
{
	struct application p;
	struct job first, second;
	pushed(&p);
	carrier_answers(200, "1", NULL);
	CHECK(claim(&first, 1) == 1);
	OK(db_query(owner, a, NULL, "UPDATE job SET run_at = now() - interval '1 second'"));
	CHECK(claim(&second, 1) == 1 && second.id == first.id);
	CHECK_STATUS(send_all(&first, 1), ST_BUSY);
	CHECK_TEXT(MESSAGES_OF(p), "waiting waiting");
	CHECK(carrier.calls == 0);
	OK(send_all(&second, 1));
	CHECK_TEXT(MESSAGES_OF(p), "done waiting");
}

/* The process dies when the bytes are out and the answer is not in: they go out again, the same, and have one effect. */
static void test_t1_killed_after_sending(void)
{
	struct application p;
	struct job job;
	int status;
	pushed(&p);
	carrier_answers(200, "1", NULL);
	pid_t child = fork();
	if (child == 0) {
		jobs = fixture_connect("realname_jobs");
		carrier.deadly = true;
		if (claim(&job, 1) == 1 && send_all(&job, 1) != ST_OK)
			_exit(1);
		_exit(0);
	}
	CHECK(waitpid(child, &status, 0) == child && WIFSIGNALED(status));
	CHECK_TEXT(MESSAGES_OF(p), "sent waiting");
	CHECK(!run_one()); /* still leased */
	OK(db_query(owner, a, NULL, "UPDATE job SET run_at = now() - interval '1 second'"));
	CHECK(run_one());
	CHECK_TEXT(MESSAGES_OF(p), "done waiting");
	CHECK_TEXT(VALUE(owner,
			 "SELECT count(*) || ' ' || count(DISTINCT t.body_sha256) || ' ' || count(t.outcome) AS value FROM t1_attempt t "
			 "JOIN t1_message m ON m.id = t.message_id WHERE m.application_card_id = $1",
			 p.row[0]),
		   "2 1 1");
}

static void test_t1_without_secret_waits(void)
{
	struct application p;
	pushed(&p);
	carrier_answers(200, "1", NULL);
	char *folder = config.secrets_dir;
	config.secrets_dir = "/nonexistent";
	CHECK(run_one());
	config.secrets_dir = folder;
	CHECK(carrier.calls == 0);
	CHECK_TEXT(MESSAGES_OF(p), "waiting waiting");
	CHECK(run_one());
	CHECK_TEXT(MESSAGES_OF(p), "done waiting");
}

/* Together, and one whose job belongs to somebody else by now: nothing is sent for any of them; each alone is. */
static void test_t1_many_together(void)
{
	struct application p;
	struct job claimed[10];
	drop_jobs();
	fixture_catalogue(&cat, NULL);
	fixture_draft(&p, &cat, 2);
	fixture_submit(&p, 2, true);
	carrier_answers(200, "1", NULL);
	CHECK(claim(claimed, 10) == 2); /* the vehicle messages wait behind the account messages */
	OK(send_all(claimed, 2));
	CHECK(carrier.calls == 2 && !carrier.in_transaction);
	CHECK(claim(claimed, 10) == 2);
	struct job with_stolen[] = {claimed[0], claimed[1]};
	with_stolen[1].claim = -1;
	CHECK_STATUS(send_all(with_stolen, 2), ST_BUSY);
	CHECK(carrier.calls == 2);
	OK(send_all(&claimed[0], 1));
	OK(send_all(&claimed[1], 1));
	CHECK_TEXT(VALUE(owner, "SELECT string_agg(state, ' ') AS value FROM application_card WHERE application_id = $1", p.id),
		   "done done");
	CHECK_TEXT(
		VALUE(owner, "SELECT count(*)::text AS value FROM sms_message WHERE application_id = $1 AND template = 'result_ok'", p.id),
		"1");
}

int main(void)
{
	fixture_start();
	sender_start();
	RUN(test_t1_account_then_vehicle_then_done);
	RUN(test_t1_unknown_is_sent_again_with_the_same_bytes);
	RUN(test_t1_refused_account);
	RUN(test_t1_refused_vehicle_waits_for_staff);
	RUN(test_t1_credential_suspends_the_connection);
	RUN(test_t1_late_worker_is_fenced);
	RUN(test_t1_killed_after_sending);
	RUN(test_t1_without_secret_waits);
	RUN(test_t1_many_together);
	return fixture_end();
}
