/* The queue: one winner per job, fencing, leases, order, and the plan of the claim. */
#include <poll.h>
#include <sys/wait.h>

#include "fixture.h"

static void drain(void)
{
	OK(db_query(owner, a, NULL, "DELETE FROM job"));
}

static void test_add_and_claim(void)
{
	struct job job;
	char *subject = crypt_uuid(a);
	drain();
	OK(queue_add(web, a, "sms_send", subject, 0));
	OK(queue_add(web, a, "sms_send", subject, 0)); /* stays one */
	OK(queue_claim(jobs, a, 30, &job));
	CHECK_TEXT(job.kind, "sms_send");
	CHECK_TEXT(job.subject, subject);
	CHECK(job.attempts == 1);
	struct job other;
	CHECK_STATUS(queue_claim(jobs, a, 30, &other), ST_NOT_FOUND);
	OK(queue_done(jobs, a, &job));
	OK(queue_add(web, a, "sms_send", subject, 0)); /* the same subject again */
	OK(queue_claim(jobs, a, 30, &job));
	OK(queue_done(jobs, a, &job));
}

static void test_later_jobs_wait(void)
{
	struct job job;
	drain();
	OK(queue_add(web, a, "sms_send", crypt_uuid(a), 3600));
	CHECK_STATUS(queue_claim(jobs, a, 30, &job), ST_NOT_FOUND);
}

static void test_rolled_back_job_does_not_exist(void)
{
	struct job job;
	drain();
	OK(db_begin(web));
	OK(queue_add(web, a, "sms_send", crypt_uuid(a), 0));
	db_rollback(web);
	CHECK_STATUS(queue_claim(jobs, a, 30, &job), ST_NOT_FOUND);
}

static void test_lost_lease_is_fenced(void)
{
	struct job first, second;
	drain();
	OK(queue_add(web, a, "t1_send", crypt_uuid(a), 0));
	OK(queue_claim(jobs, a, 30, &first));
	OK(queue_renew(jobs, a, &first, 30));
	OK(db_query(owner, a, NULL, "UPDATE job SET lease_until = now() - interval '1 second'"));
	OK(queue_claim(jobs, a, 30, &second));
	CHECK(second.id == first.id && second.claim != first.claim && second.attempts == 2);
	CHECK_STATUS(queue_renew(jobs, a, &first, 30), ST_CONFLICT);
	CHECK_STATUS(queue_retry(jobs, a, &first, 0, "late", false), ST_CONFLICT);
	CHECK_STATUS(queue_dead(jobs, a, &first, "late"), ST_CONFLICT);
	CHECK_STATUS(queue_done(jobs, a, &first), ST_CONFLICT);
	OK(queue_done(jobs, a, &second));
}

static void test_retry_dead_requeue(void)
{
	struct job job;
	drain();
	OK(queue_add(web, a, "t1_send", crypt_uuid(a), 0));
	OK(queue_claim(jobs, a, 30, &job));
	OK(queue_retry(jobs, a, &job, 0, "again", false));
	OK(queue_claim(jobs, a, 30, &job));
	CHECK(job.attempts == 2);
	OK(queue_retry(jobs, a, &job, 0, "not counted", true));
	OK(queue_claim(jobs, a, 30, &job));
	CHECK(job.attempts == 2);
	OK(queue_dead(jobs, a, &job, "cause"));
	struct job other;
	CHECK_STATUS(queue_claim(jobs, a, 30, &other), ST_NOT_FOUND);
	CHECK_TEXT(VALUE(owner, "SELECT last_error AS value FROM job", NULL), "cause");
	struct db *operator_db = fixture_connect("realname_operator");
	OK(queue_requeue(operator_db, a, job.id));
	CHECK_STATUS(queue_requeue(operator_db, a, job.id), ST_NOT_FOUND);
	db_close(operator_db);
	OK(queue_claim(jobs, a, 30, &job));
	CHECK(job.attempts == 1);
	OK(queue_done(jobs, a, &job));
}

static void test_notify_wakes_at_commit(void)
{
	drain();
	OK(db_script(jobs, "listen job"));
	while (db_notified(jobs))
		;
	OK(db_begin(web));
	OK(queue_add(web, a, "sms_send", crypt_uuid(a), 0));
	OK(queue_add(web, a, "sms_send", crypt_uuid(a), 0));
	CHECK(!db_notified(jobs));
	OK(db_commit(web));
	struct pollfd fd = {.fd = db_socket(jobs), .events = POLLIN};
	CHECK(poll(&fd, 1, 5000) == 1);
	CHECK(db_notified(jobs));
}

/* Several processes share the work: every job exactly once. */
#define MANY 300
#define PROCESSES 4
static void claim_all(int out)
{
	struct db *db = fixture_connect("realname_jobs");
	struct job job;
	while (queue_claim(db, a, 30, &job) == ST_OK) {
		if (write(out, job.subject, 36) != 36 || queue_done(db, a, &job) != ST_OK)
			_exit(1);
	}
	db_close(db);
	_exit(0);
}

static void test_each_job_once(void)
{
	int pipes[2], status;
	char subjects[MANY + 1][37] = {{0}};
	int got = 0, twice = 0;
	drain();
	OK(db_query(owner, a, NULL, "INSERT INTO job (kind, subject) SELECT 'sms_send', gen_random_uuid() FROM generate_series(1, 300)"));
	CHECK(pipe(pipes) == 0);
	for (int i = 0; i < PROCESSES; i++)
		if (fork() == 0) {
			close(pipes[0]);
			claim_all(pipes[1]);
		}
	close(pipes[1]);
	while (got <= MANY && read(pipes[0], subjects[got], 36) == 36)
		got++;
	close(pipes[0]);
	for (int i = 0; i < PROCESSES; i++)
		CHECK(wait(&status) > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0);
	CHECK(got == MANY);
	for (int i = 0; i < got; i++)
		for (int j = i + 1; j < got; j++)
			twice += strcmp(subjects[i], subjects[j]) == 0;
	CHECK(twice == 0);
}

/* While a carrier is away its messages wait, and what people wait for does not wait behind them. */
static void test_prompt_claim_passes_messages_to_carriers(void)
{
	struct job job;
	drain();
	OK(queue_add(web, a, "t1_send", crypt_uuid(a), 0));
	CHECK_STATUS(queue_claim_prompt(jobs, a, 30, &job), ST_NOT_FOUND);
	OK(queue_add(web, a, "sms_send", crypt_uuid(a), 0));
	OK(queue_claim_prompt(jobs, a, 30, &job));
	CHECK_TEXT(job.kind, "sms_send");
	OK(queue_claim(jobs, a, 30, &job));
	CHECK_TEXT(job.kind, "t1_send");
}

/* A job whose holder is dead is due at once; a holder that lost it long ago frees nothing. */
static void test_release(void)
{
	struct job first, second;
	drain();
	OK(queue_add(web, a, "t1_send", crypt_uuid(a), 0));
	OK(queue_claim(jobs, a, 30, &first));
	OK(queue_release(jobs, a, first.id, first.claim));
	OK(queue_claim(jobs, a, 30, &second));
	CHECK(second.id == first.id && second.attempts == 2);
	OK(queue_release(jobs, a, first.id, first.claim));
	CHECK_STATUS(queue_claim(jobs, a, 30, &first), ST_NOT_FOUND);
	OK(queue_done(jobs, a, &second));
}

static int64_t sequential_scans(void)
{
	return strtoll(VALUE(owner, "SELECT seq_scan::text AS value FROM pg_stat_user_tables WHERE relname = 'job'", NULL), NULL, 10);
}

static int64_t entries_read(void)
{
	return strtoll(VALUE(owner, "SELECT sum(idx_tup_read)::text AS value FROM pg_stat_user_indexes WHERE relname = 'job'", NULL), NULL, 10);
}

/* The statements as they are, often enough that the server has settled on its plan: it must read a few entries of an index for
 * each claim, however many jobs wait. */
static void test_claims_read_little_at_large_backlog(void)
{
	struct job job;
	drain();
	OK(db_query(owner, a, NULL,
		    "INSERT INTO job (kind, subject, run_at) SELECT 't1_send', gen_random_uuid(), now() - interval '1 hour' + i * interval '1 ms' "
		    "FROM generate_series(1, 300000) i"));
	OK(db_query(owner, a, NULL, "INSERT INTO job (kind, subject) SELECT 'sms_send', gen_random_uuid() FROM generate_series(1, 50) i"));
	OK(db_script(owner, "VACUUM (ANALYZE) job")); /* also without what the tests before have left */
	OK(db_query(jobs, a, NULL, "SELECT pg_stat_force_next_flush()"));
	int64_t scans = sequential_scans(), read = entries_read();
	for (int i = 0; i < 20; i++) {
		OK(queue_claim(jobs, a, 30, &job));
		OK(queue_claim_prompt(jobs, a, 30, &job));
		CHECK_TEXT(job.kind, "sms_send");
	}
	OK(db_query(jobs, a, NULL, "SELECT pg_stat_force_next_flush()"));
	OK(db_query(jobs, a, NULL, "SELECT 1"));
	CHECK(sequential_scans() == scans);
	CHECK(entries_read() > read && entries_read() - read < 40 * 100);
	drain();
}

/* The claim of queue.c, as the server plans it with a large backlog. */
static void test_claim_uses_index_at_large_backlog(void)
{
	struct db_result *r;
	bool index = false, scan = false;
	drain();
	OK(db_query(owner, a, NULL,
		    "INSERT INTO job (kind, subject, run_at) SELECT 'sms_send', gen_random_uuid(), now() - i * interval '1 ms' "
		    "FROM generate_series(1, 50000) i"));
	OK(db_script(owner, "ANALYZE job"));
	OK(db_query(owner, a, &r,
		    "EXPLAIN SELECT id FROM job WHERE dead_at IS NULL AND run_at <= now() AND (lease_until IS NULL OR lease_until < now()) "
		    "ORDER BY run_at LIMIT 1 FOR UPDATE SKIP LOCKED"));
	for (int i = 0; i < db_rows(r); i++) {
		index |= strstr(db_text(r, i, "QUERY PLAN"), "job_due") != NULL;
		scan |= strstr(db_text(r, i, "QUERY PLAN"), "Seq Scan") != NULL;
	}
	CHECK(index && !scan);
	drain();
}

int main(void)
{
	fixture_start();
	RUN(test_add_and_claim);
	RUN(test_later_jobs_wait);
	RUN(test_rolled_back_job_does_not_exist);
	RUN(test_lost_lease_is_fenced);
	RUN(test_retry_dead_requeue);
	RUN(test_notify_wakes_at_commit);
	RUN(test_each_job_once);
	RUN(test_prompt_claim_passes_messages_to_carriers);
	RUN(test_release);
	RUN(test_claim_uses_index_at_large_backlog);
	RUN(test_claims_read_little_at_large_backlog);
	return fixture_end();
}
