/* The queue: one winner per job, fencing, leases, order, the death of workers, and what a claim reads. */
#include <poll.h>
#include <sys/wait.h>

#include "fixture.h"

#define MANY 300
#define PROCESSES 4
#define DESTINATION "00000000-0000-4000-8000-000000000001"
#define LANE "t1:" DESTINATION
static int worker;

static void drain(void)
{
	OK(db_query(owner, a, NULL, "DELETE FROM job"));
}

/* One job of a lane; false when none can be claimed. */
static bool claim_from(const char *lane, struct job *job)
{
	int count;
	OK(queue_claim(jobs, a, lane, worker, 30, 1, job, &count));
	return count == 1;
}
#define CLAIM(job) claim_from("sms", (job))
#define LEASES_RUN_OUT() OK(db_query(owner, a, NULL, "UPDATE job SET run_at = now() - interval '1 second' WHERE claim IS NOT NULL"))

static char *add(const char *subject)
{
	char *id = subject ? arena_strdup(a, subject) : crypt_uuid(a);
	OK(queue_add(web, a, "sms_send", id, 0));
	return id;
}

/* A message of a card, by this connection. */
static char *add_message(struct db *db, const char *card)
{
	const struct queue_job job = {.kind = "t1_send", .subject = crypt_uuid(a), .destination = DESTINATION, .order_key = card};
	OK(queue_add_job(db, a, &job));
	return arena_strdup(a, job.subject);
}

static void test_add_and_claim(void)
{
	struct job job, other;
	char *subject = add(NULL);
	add(subject); /* stays one */
	CHECK(CLAIM(&job));
	CHECK_TEXT(job.kind, "sms_send");
	CHECK_TEXT(job.lane, "sms");
	CHECK_TEXT(job.subject, subject);
	CHECK(job.attempts == 1);
	CHECK(!CLAIM(&other));
	OK(queue_done(jobs, a, &job));
	add(subject); /* the same subject again */
	CHECK(CLAIM(&job));
	OK(queue_done(jobs, a, &job));
	CHECK_TEXT(VALUE(owner, "SELECT count(*) || ' ' || min(outcome) AS value FROM job_done WHERE subject = $1", subject), "2 done");
}

static void test_kinds_have_lanes(void)
{
	CHECK_STATUS(queue_add(web, a, "t1_send", crypt_uuid(a), 0), ST_ERROR); /* wants a destination */
	CHECK_STATUS(queue_add(web, a, "no_such_kind", crypt_uuid(a), 0), ST_ERROR);
}

static void test_later_jobs_wait(void)
{
	struct job job;
	OK(queue_add(web, a, "sms_send", crypt_uuid(a), 3600));
	CHECK(!CLAIM(&job));
}

static void test_rolled_back_job_does_not_exist(void)
{
	struct job job;
	OK(db_begin(web));
	add(NULL);
	db_rollback(web);
	CHECK(!CLAIM(&job));
}

static void test_lost_lease_is_fenced(void)
{
	struct job first, second;
	add(NULL);
	CHECK(CLAIM(&first));
	OK(queue_renew(jobs, a, &first, 30));
	LEASES_RUN_OUT();
	CHECK(CLAIM(&second));
	CHECK(second.id == first.id && second.claim != first.claim && second.attempts == 2);
	CHECK_STATUS(queue_renew(jobs, a, &first, 30), ST_CONFLICT);
	CHECK_STATUS(queue_retry(jobs, a, &first, 0, "late", false), ST_CONFLICT);
	CHECK_STATUS(queue_dead(jobs, a, &first, "other", "late"), ST_CONFLICT);
	CHECK_STATUS(queue_park(jobs, a, &first, "late"), ST_CONFLICT);
	CHECK_STATUS(queue_done(jobs, a, &first), ST_CONFLICT);
	const struct job *both[] = {&second, &first};
	OK(db_begin(jobs));
	CHECK_STATUS(queue_done_many(jobs, a, both, 2), ST_CONFLICT);
	db_rollback(jobs);
	OK(queue_done(jobs, a, &second));
}

static void test_retry_dead_requeue(void)
{
	struct job job, other;
	add(NULL);
	CHECK(CLAIM(&job));
	OK(queue_retry(jobs, a, &job, 0, "again", false));
	CHECK(CLAIM(&job) && job.attempts == 2);
	OK(queue_retry(jobs, a, &job, 0, "not counted", true));
	CHECK(CLAIM(&job) && job.attempts == 2);
	OK(queue_dead(jobs, a, &job, "cannot_build", "cause"));
	CHECK(!CLAIM(&other));
	CHECK_TEXT(VALUE(owner, "SELECT dead_cause || ' ' || last_error AS value FROM job", NULL), "cannot_build cause");
	CHECK(strstr(queue_cause("cannot_build")->remedy, "requeue") && queue_cause("no such")->meaning);
	struct db *operator_db = fixture_connect("realname_operator");
	OK(queue_requeue(operator_db, a, job.id));
	CHECK_STATUS(queue_requeue(operator_db, a, job.id), ST_NOT_FOUND);
	db_close(operator_db);
	CHECK(CLAIM(&job) && job.attempts == 1);
	OK(queue_done(jobs, a, &job));
}

static void test_earliest_due_first(void)
{
	struct job job;
	char *late = crypt_uuid(a), *soon = crypt_uuid(a);
	OK(queue_add_job(web, a, &(struct queue_job){.kind = "sms_send", .subject = late, .due_s = 600}));
	OK(queue_add_job(web, a, &(struct queue_job){.kind = "sms_send", .subject = soon, .due_s = 60}));
	CHECK(CLAIM(&job));
	CHECK_TEXT(job.subject, soon);
	OK(queue_retry(jobs, a, &job, 0, "again", false)); /* also when it was tried already */
	CHECK(CLAIM(&job));
	CHECK_TEXT(job.subject, soon);
	CHECK(CLAIM(&job));
	CHECK_TEXT(job.subject, late);
}

/* ---- order ---- */

static void test_order_of_a_key(void)
{
	struct job job, other;
	const char *card = crypt_uuid(a), *neighbour = crypt_uuid(a);
	char *first = add_message(web, card), *second = add_message(web, card), *third = add_message(web, card),
	     *alone = add_message(web, neighbour);
	CHECK(claim_from(LANE, &job) && claim_from(LANE, &other));
	CHECK_TEXT(job.subject, first);
	CHECK_TEXT(other.subject, alone);
	CHECK(!claim_from(LANE, &other)); /* while it runs */
	OK(queue_retry(jobs, a, &job, 3600, "later", false));
	CHECK(!claim_from(LANE, &other)); /* while it waits */
	OK(db_query(owner, a, NULL, "UPDATE job SET run_at = now() WHERE run_at > now() AND claim IS NULL"));
	CHECK(claim_from(LANE, &job));
	OK(queue_dead(jobs, a, &job, "other", "dead"));
	CHECK(!claim_from(LANE, &other)); /* while it is dead */
	struct db *operator_db = fixture_connect("realname_operator");
	OK(queue_skip(operator_db, a, job.id, "settled by telephone"));
	CHECK_STATUS(queue_skip(operator_db, a, job.id, "again"), ST_NOT_FOUND);
	CHECK_TEXT(VALUE(owner, "SELECT outcome AS value FROM job_done WHERE subject = $1", first), "settled by telephone");
	CHECK(claim_from(LANE, &job));
	CHECK_TEXT(job.subject, second);
	CHECK_STATUS(queue_skip(operator_db, a, job.id, "held"), ST_NOT_FOUND);
	db_close(operator_db);
	OK(queue_done(jobs, a, &job));
	CHECK(claim_from(LANE, &job));
	CHECK_TEXT(job.subject, third);
	OK(queue_done(jobs, a, &job));
}

/* The head is finished while somebody adds behind it: the new one is not left behind nobody. */
static void test_adding_while_the_head_is_finished(void)
{
	struct job job;
	int status;
	const char *card = crypt_uuid(a);
	add_message(web, card);
	CHECK(claim_from(LANE, &job));
	OK(db_begin(web));
	char *second = add_message(web, card);
	pid_t child = fork();
	if (child == 0) {
		struct db *db = fixture_connect("realname_jobs");
		_exit(queue_done(db, a, &job) == ST_OK ? 0 : 1);
	}
	while (strcmp(VALUE(owner, "SELECT count(*)::text AS value FROM pg_locks WHERE NOT granted", NULL), "0") == 0)
		;
	OK(db_commit(web));
	CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0);
	CHECK(claim_from(LANE, &job));
	CHECK_TEXT(job.subject, second);
}

/* The same moment, several processes: the order of the jobs is that of the commits, and one is the head. */
static void test_adding_together(void)
{
	int status;
	struct job job;
	const char *card = crypt_uuid(a);
	for (int i = 0; i < PROCESSES; i++)
		if (fork() == 0) {
			struct db *db = fixture_connect("realname_web");
			for (int n = 0; n < 25; n++)
				add_message(db, card);
			db_close(db);
			_exit(test_failed_here ? 1 : 0);
		}
	for (int i = 0; i < PROCESSES; i++)
		CHECK(wait(&status) > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0);
	int64_t last = 0;
	for (int i = 0; i < PROCESSES * 25; i++) {
		if (!claim_from(LANE, &job)) {
			CHECK(!"a job is left behind");
			return;
		}
		CHECK(job.id > last);
		last = job.id;
		OK(queue_done(jobs, a, &job));
	}
	CHECK(!claim_from(LANE, &job));
}

static void test_notify_wakes_at_commit(void)
{
	OK(db_script(jobs, "listen job_prompt"));
	while (db_notified(jobs))
		;
	OK(db_begin(web));
	add(NULL);
	add(NULL);
	CHECK(!db_notified(jobs));
	OK(db_commit(web));
	struct pollfd fd = {.fd = db_socket(jobs), .events = POLLIN};
	CHECK(poll(&fd, 1, 5000) == 1);
	CHECK(db_notified(jobs));
}

/* ---- many ---- */

/* Several processes share the work: every job exactly once. */
static void claim_all(int out)
{
	struct db *db = fixture_connect("realname_jobs");
	struct job claimed[10];
	const struct job *done[10];
	int count;
	while (queue_claim(db, a, "sms", worker, 30, 10, claimed, &count) == ST_OK && count > 0) {
		for (int i = 0; i < count; i++) {
			done[i] = &claimed[i];
			if (write(out, claimed[i].subject, 36) != 36)
				_exit(1);
		}
		if (queue_done_many(db, a, done, count) != ST_OK)
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
	OK(db_query(owner, a, NULL,
		    "INSERT INTO job (kind, lane, subject) SELECT 'sms_send', 'sms', gen_random_uuid() FROM generate_series(1, 300)"));
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

/* ---- workers ---- */

/* A worker that claims one job and then neither works nor ends. Gives its pid when the job is claimed. */
static pid_t sleeper(struct job *job)
{
	int pipes[2];
	CHECK(pipe(pipes) == 0);
	pid_t child = fork();
	if (child == 0) {
		struct db *db = fixture_connect("realname_jobs");
		int id = 0, count = 0;
		if (queue_worker_start(db, a, "prompt", &id) != ST_OK || queue_claim(db, a, "sms", id, 3600, 1, job, &count) != ST_OK ||
		    count != 1 || write(pipes[1], job, sizeof(*job)) != sizeof(*job))
			_exit(1);
		for (;;)
			pause();
	}
	close(pipes[1]);
	CHECK(read(pipes[0], job, sizeof(*job)) == sizeof(*job));
	close(pipes[0]);
	return child;
}

/* Looks as often as workers do, until something was freed. */
static int reap_until_freed(void)
{
	int freed = 0;
	for (int i = 0; i < 100 && !freed; i++) {
		OK(queue_reap(jobs, a, 0, &freed));
		poll(NULL, 0, freed ? 0 : 50);
	}
	return freed;
}

static void test_dead_workers_are_missed(void)
{
	struct job held, again;
	int status, freed;
	add(NULL);
	pid_t child = sleeper(&held);
	OK(queue_reap(jobs, a, 0, &freed));
	CHECK(freed == 0 && !CLAIM(&again)); /* it lives */
	kill(child, SIGKILL);
	CHECK(waitpid(child, &status, 0) == child);
	CHECK(reap_until_freed() == 1);
	CHECK(CLAIM(&again));
	CHECK(again.id == held.id && again.attempts == 2);
	CHECK_STATUS(queue_done(jobs, a, &held), ST_CONFLICT);
	OK(queue_done(jobs, a, &again));
}

/* A job that kills whoever takes it is put aside after the fifth. */
static void test_poison(void)
{
	struct job job, other;
	int status;
	add(NULL);
	for (int i = 0; i < 5; i++) {
		pid_t child = sleeper(&job);
		kill(child, SIGKILL);
		CHECK(waitpid(child, &status, 0) == child);
		CHECK(reap_until_freed() == 1);
	}
	CHECK(!CLAIM(&other));
	CHECK_TEXT(VALUE(owner, "SELECT dead_cause AS value FROM job", NULL), "kills_worker");
}

/* From the third death on a job waits: what kills processes from outside passes. */
static void test_deaths_make_it_wait(void)
{
	struct job job;
	int status, freed = 0;
	add(NULL);
	for (int deaths = 1; deaths <= 3; deaths++) {
		pid_t child = sleeper(&job);
		kill(child, SIGKILL);
		CHECK(waitpid(child, &status, 0) == child);
		for (freed = 0; !freed; poll(NULL, 0, freed ? 0 : 50))
			OK(queue_reap(jobs, a, 1, &freed));
		CHECK_TEXT(VALUE(owner, "SELECT (run_at > now() + interval '5 seconds')::text AS value FROM job", NULL), deaths < 3 ? "false" : "true");
	}
	CHECK(!CLAIM(&job));
}

/* One of many that were claimed together kills whoever has it: the others come to their end, it alone is put aside. */
static void test_poison_among_others(void)
{
	struct job claimed[10];
	int status, count;
	char *poison = NULL, *since = arena_strdup(a, VALUE(owner, "SELECT clock_timestamp()::text AS value", NULL));
	for (int i = 0; i < 6; i++) {
		char *subject = add(NULL);
		poison = i == 3 ? subject : poison;
	}
	for (int deaths = 0; deaths <= 5; deaths++) {
		pid_t child = fork();
		if (child == 0) {
			struct db *db = fixture_connect("realname_jobs");
			int id = 0;
			if (queue_worker_start(db, a, "prompt", &id) != ST_OK)
				_exit(1);
			while (queue_claim(db, a, "sms", id, 3600, 10, claimed, &count) == ST_OK && count > 0) {
				CHECK(count == 1 || !queue_is_suspect(&claimed[0]));
				for (int i = 0; i < count; i++)
					if (strcmp(claimed[i].subject, poison) == 0)
						raise(SIGKILL);
				for (int i = 0; i < count; i++)
					OK(queue_done(db, a, &claimed[i]));
			}
			_exit(test_failed_here ? 1 : 0);
		}
		CHECK(waitpid(child, &status, 0) == child);
		CHECK(deaths < 5 ? WIFSIGNALED(status) : WIFEXITED(status) && WEXITSTATUS(status) == 0);
		CHECK(deaths == 5 || reap_until_freed() >= 1);
	}
	CHECK_TEXT(VALUE(owner, "SELECT count(*)::text AS value FROM job_done WHERE outcome = 'done' AND finished_at >= $1::timestamptz",
			 since),
		   "5");
	CHECK_TEXT(VALUE(owner, "SELECT string_agg(subject || ' ' || dead_cause || ' ' || deaths, ',') AS value FROM job", NULL),
		   arena_printf(a, "%s kills_worker 5", poison));
}

/* Who holds others already gets no suspect; the lanes that have some are told. */
static void test_suspects_wait_for_an_empty_hand(void)
{
	struct job claimed[10];
	char *lanes[4];
	int count;
	add_message(web, crypt_uuid(a));
	char *suspect = add_message(web, crypt_uuid(a));
	OK(queue_suspects(jobs, a, "t1:", lanes, 4, &count));
	CHECK(count == 0);
	OK(db_query(owner, a, NULL, "UPDATE job SET deaths = 2 WHERE subject = $1", DB_TEXT(suspect)));
	OK(queue_suspects(jobs, a, "t1:", lanes, 4, &count));
	CHECK(count == 1 && strcmp(lanes[0], LANE) == 0);
	OK(queue_claim_more(jobs, a, LANE, worker, 30, 1, claimed, &count));
	CHECK(count == 1 && claimed[0].deaths == 0);
	OK(queue_claim_more(jobs, a, LANE, worker, 30, 10, claimed, &count));
	CHECK(count == 0);
	add_message(web, crypt_uuid(a));
	OK(queue_claim(jobs, a, LANE, worker, 30, 10, claimed, &count));
	CHECK(count == 1 && strcmp(claimed[0].subject, suspect) == 0);
}

/* A worker that lost its connection and came back in time keeps what it holds; one that was given up is told. */
static void test_worker_comes_back(void)
{
	struct db *db = fixture_connect("realname_jobs");
	struct job job;
	int id = 0, count, freed;
	add(NULL);
	OK(queue_worker_start(db, a, "prompt", &id));
	OK(queue_claim(db, a, "sms", id, 3600, 1, &job, &count));
	db_close(db);
	while (strcmp(VALUE(owner, "SELECT count(*)::text AS value FROM pg_locks WHERE locktype = 'advisory' AND objid = $1::integer",
			    arena_printf(a, "%d", id)),
		      "0") != 0)
		;
	OK(queue_reap(jobs, a, 0, &freed)); /* missed once */
	db = fixture_connect("realname_jobs");
	OK(queue_worker_start(db, a, "prompt", &id));
	OK(db_query(owner, a, NULL, "UPDATE worker SET missed_at = missed_at - interval '1 hour' WHERE missed_at IS NOT NULL"));
	OK(queue_reap(jobs, a, 0, &freed));
	CHECK(freed == 0);
	OK(queue_renew(db, a, &job, 30));
	OK(queue_worker_stop(db, a, id));
	CHECK_STATUS(queue_worker_start(db, a, "prompt", &id), ST_CONFLICT);
	CHECK_STATUS(queue_worker_seen(db, a, id), ST_CONFLICT);
	db_close(db);
}

/* What was claimed and never heard of is free as soon as the worker is back; what it has in hand stays its own. */
static void test_unheard_claims_are_given_back(void)
{
	struct job claimed[3], again;
	int count, freed;
	for (int i = 0; i < 3; i++)
		add(NULL);
	OK(queue_claim(jobs, a, "sms", worker, 3600, 3, claimed, &count));
	for (int i = 1; i < 3 && count < 3; i++)
		OK(queue_claim(jobs, a, "sms", worker, 3600, 1, &claimed[i], &count));
	CHECK(!CLAIM(&again));
	const int64_t held[] = {claimed[0].claim};
	OK(queue_give_back(jobs, a, worker, held, 1, &freed));
	CHECK(freed == 2);
	CHECK_STATUS(queue_renew(jobs, a, &claimed[1], 30), ST_CONFLICT);
	OK(queue_done(jobs, a, &claimed[0]));
	CHECK(CLAIM(&again) && again.attempts == 2);
	again.deaths = 1;
	CHECK(!queue_is_retry(&again));
	again.deaths = 0;
	CHECK(queue_is_retry(&again));
}

static int64_t sequential_scans(void)
{
	return strtoll(VALUE(owner, "SELECT seq_scan::text AS value FROM pg_stat_user_tables WHERE relname = 'job'", NULL), NULL, 10);
}

static int64_t entries_read(void)
{
	return strtoll(VALUE(owner, "SELECT sum(idx_tup_read)::text AS value FROM pg_stat_user_indexes WHERE relname = 'job'", NULL), NULL,
		       10);
}

static const char *const backlog =
	"INSERT INTO job (kind, lane, subject, order_key, due_at) SELECT 't1_send', 't1:many', gen_random_uuid(), gen_random_uuid(), "
	"now() - interval '1 hour' + i * interval '1 ms' FROM generate_series(1, 300000) i";

/* The statements as they are, often enough that the server has settled on its plan: it must read a few entries of an index for
 * each claim, however many jobs wait, and never the whole table. */
static void test_claims_read_little_at_large_backlog(void)
{
	static struct job claimed[QUEUE_CLAIM_MAX];
	static const int sizes[] = {1, 10, 50, QUEUE_CLAIM_MAX};
	int64_t taken = 0;
	int count;
	OK(db_script(owner, "SET statement_timeout = 0"));
	OK(db_script(owner, backlog));
	add(NULL);
	OK(db_script(owner, "VACUUM (ANALYZE) job")); /* also without what the tests before have left */
	OK(db_query(jobs, a, NULL, "SELECT pg_stat_force_next_flush()"));
	int64_t scans = sequential_scans(), read = entries_read();
	for (int i = 0; i < 32; i++) {
		const struct job *done[QUEUE_CLAIM_MAX];
		OK(queue_claim(jobs, a, "t1:many", worker, 30, sizes[i % 4], claimed, &count));
		CHECK(count == sizes[i % 4]);
		for (int n = 0; n < count; n++)
			done[n] = &claimed[n];
		OK(queue_done_many(jobs, a, done, count));
		taken += count;
	}
	CHECK(CLAIM(&claimed[0])); /* the other lane does not suffer */
	OK(db_query(jobs, a, NULL, "SELECT pg_stat_force_next_flush()"));
	OK(db_query(jobs, a, NULL, "SELECT 1"));
	CHECK(sequential_scans() == scans);
	CHECK(entries_read() > read && entries_read() - read < taken * 20);
}

/* Ten thousand events of one card: the others do not wait for them. */
static void test_hot_key(void)
{
	struct job job;
	OK(db_query(owner, a, NULL,
		    "INSERT INTO job (kind, lane, subject, order_key, behind, due_at) SELECT 't1_send', '" LANE
		    "', gen_random_uuid(), '" DESTINATION "', i > 1, now() - interval '1 hour' FROM generate_series(1, 10000) i"));
	OK(db_script(owner, "VACUUM (ANALYZE) job"));
	char *other = add_message(web, crypt_uuid(a));
	CHECK(claim_from(LANE, &job));
	int64_t read = entries_read();
	CHECK(claim_from(LANE, &job));
	CHECK_TEXT(job.subject, other);
	OK(db_query(jobs, a, NULL, "SELECT pg_stat_force_next_flush()"));
	OK(db_query(jobs, a, NULL, "SELECT 1"));
	CHECK(entries_read() - read < 100);
}

static void test_lanes_of_a_class(void)
{
	char *lanes[4];
	int count;
	OK(db_query(owner, a, NULL,
		    "INSERT INTO job (kind, lane, subject) SELECT 'file_deliver', 'sftp:' || (i % 3), gen_random_uuid() FROM "
		    "generate_series(1, 3000) i"));
	add(NULL);
	add_message(web, crypt_uuid(a));
	OK(queue_lanes(jobs, a, "sftp:", lanes, 4, &count));
	CHECK(count == 3);
	CHECK_TEXT(lanes[0], "sftp:0");
	CHECK_TEXT(lanes[2], "sftp:2");
}

#define RUN_CLEAN(test)                                                                                                                    \
	do {                                                                                                                               \
		drain();                                                                                                                   \
		RUN(test);                                                                                                                 \
	} while (0)
int main(void)
{
	fixture_start();
	OK(queue_worker_start(jobs, a, "prompt", &worker));
	RUN_CLEAN(test_add_and_claim);
	RUN_CLEAN(test_kinds_have_lanes);
	RUN_CLEAN(test_later_jobs_wait);
	RUN_CLEAN(test_rolled_back_job_does_not_exist);
	RUN_CLEAN(test_lost_lease_is_fenced);
	RUN_CLEAN(test_retry_dead_requeue);
	RUN_CLEAN(test_earliest_due_first);
	RUN_CLEAN(test_order_of_a_key);
	RUN_CLEAN(test_adding_while_the_head_is_finished);
	RUN_CLEAN(test_adding_together);
	RUN_CLEAN(test_notify_wakes_at_commit);
	RUN_CLEAN(test_each_job_once);
	RUN_CLEAN(test_dead_workers_are_missed);
	RUN_CLEAN(test_poison);
	RUN_CLEAN(test_deaths_make_it_wait);
	RUN_CLEAN(test_poison_among_others);
	RUN_CLEAN(test_suspects_wait_for_an_empty_hand);
	RUN_CLEAN(test_worker_comes_back);
	RUN_CLEAN(test_unheard_claims_are_given_back);
	RUN_CLEAN(test_lanes_of_a_class);
	RUN_CLEAN(test_hot_key);
	RUN_CLEAN(test_claims_read_little_at_large_backlog);
	drain();
	return fixture_end();
}
