/* Files for carriers in the database: when one is ordered, how its row goes on, the slots of connections. */
#include <poll.h>

#include "fixture.h"
#include "store/sftp_slot.h"
#include "store/t1_file.h"

#define SFTP                                                                                                                               \
	"{\"sftp\": {\"host\": \"127.0.0.1\", \"user\": \"u\", \"key_secret\": \"k\", \"host_key_sha256\": "                               \
	"\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"}}"

static int new_worker(struct db *db)
{
	int id = 0;
	OK(queue_worker_start(db, a, "sftp", &id));
	return id;
}

static struct catalogue with_sftp(void)
{
	struct catalogue c;
	fixture_catalogue(&c, NULL);
	OK(db_query(owner, a, NULL, "UPDATE carrier_connection SET profile = profile || $2::jsonb WHERE id = $1", DB_TEXT(c.connection),
		    DB_TEXT(SFTP)));
	return c;
}

/* A picture without its file: rows are enough here. */
static void add_evidence(const struct application *p)
{
	OK(db_query(owner, a, NULL,
		    "INSERT INTO evidence (id, application_id, role, purpose, sha256, size, media_type, storage_key, data_key_id, "
		    "retention_class) "
		    "VALUES ($1::uuid, $2, 'holder', 'certificate_front', '\\x00', 1, 'image/jpeg', $1::text, $3, 'enrolment')",
		    DB_TEXT(crypt_uuid(a)), DB_TEXT(p->id), DB_TEXT(p->key.id)));
}

static const char *account_of(const struct application *p, int card)
{
	return VALUE(owner, "SELECT id AS value FROM t1_message WHERE application_card_id = $1 AND kind = 'account'", p->row[card]);
}

static void order_kh(const char *message)
{
	OK(db_query(jobs, a, NULL, "SELECT t1_file_add_kh($1)", DB_TEXT(message)));
}

/* One a message, however often it is asked for; none where there is nothing to send or nobody who takes it. */
static void test_order(void)
{
	struct catalogue c = with_sftp(), plain;
	struct application p, without, other;
	fixture_draft(&p, &c, 2);
	add_evidence(&p);
	fixture_submit(&p, 2, true);
	order_kh(account_of(&p, 0));
	order_kh(account_of(&p, 0));
	order_kh(account_of(&p, 1));
	CHECK_TEXT(
		VALUE(owner, "SELECT count(*) || ' ' || count(DISTINCT request_id) AS value FROM t1_file WHERE application_id = $1", p.id),
		"2 2");
	CHECK_TEXT(VALUE(owner,
			 "SELECT j.lane || ' ' || f.request_id = 'sftp:' || m.connection_id || ' ' || m.request_id AND f.code = m.code AND "
			 "f.source = 'KH' AS value "
			 "FROM job j JOIN t1_file f ON f.id = j.subject JOIN t1_message m ON m.id = f.message_id WHERE j.kind = "
			 "'file_deliver' AND m.id = $1",
			 account_of(&p, 0)),
		   "t");
	order_kh(VALUE(owner, "SELECT id AS value FROM t1_message WHERE application_card_id = $1 AND kind = 'vehicle'", p.row[0]));
	CHECK_TEXT(VALUE(owner, "SELECT count(*) AS value FROM t1_file WHERE application_id = $1", p.id), "2");
	struct catalogue c2 = with_sftp();
	fixture_draft(&without, &c2, 1);
	fixture_submit(&without, 1, true);
	order_kh(account_of(&without, 0));
	CHECK_TEXT(VALUE(owner, "SELECT count(*) AS value FROM t1_file WHERE application_id = $1", without.id), "0");
	fixture_catalogue(&plain, NULL);
	fixture_draft(&other, &plain, 1);
	add_evidence(&other);
	fixture_submit(&other, 1, true);
	order_kh(account_of(&other, 0));
	CHECK_TEXT(VALUE(owner, "SELECT count(*) AS value FROM t1_file WHERE application_id = $1", other.id), "0");
}

/* Who may order and change: only the program that does it. The web program may count what is open (/metrics), and see nothing else. */
static void test_rights(void)
{
	CHECK_STATUS(db_query(web, a, NULL, "SELECT t1_file_add_kh($1)", DB_TEXT(crypt_uuid(a))), ST_DENIED);
	OK(db_query(web, a, NULL, "SELECT count(*) FROM t1_file WHERE state <> 'done'"));
	CHECK_STATUS(db_query(web, a, NULL, "SELECT request_id FROM t1_file"), ST_DENIED);
	CHECK_STATUS(db_query(jobs, a, NULL, "DELETE FROM t1_file"), ST_DENIED);
	CHECK_STATUS(db_query(jobs, a, NULL, "INSERT INTO t1_file (connection_id) VALUES ($1)", DB_TEXT(crypt_uuid(a))), ST_DENIED);
}

static struct t1_file loaded(const char *id)
{
	struct t1_file f;
	OK(t1_file_load(jobs, a, id, &f));
	return f;
}

/* What a holder writes counts only as long as it is the holder. */
static void test_steps_are_fenced(void)
{
	struct catalogue c = with_sftp();
	struct application p;
	struct job job, stale;
	int worker = new_worker(jobs), count;
	unsigned char bytes[32] = {1};
	fixture_draft(&p, &c, 1);
	add_evidence(&p);
	fixture_submit(&p, 1, true);
	order_kh(account_of(&p, 0));
	const char *lane = arena_printf(a, "sftp:%s", c.connection);
	bool ready;
	OK(queue_ready(jobs, a, lane, &ready));
	CHECK(ready);
	OK(queue_claim(jobs, a, lane, worker, 30, 1, &stale, &count));
	CHECK(count == 1);
	OK(queue_ready(jobs, a, lane, &ready));
	CHECK(!ready);
	OK(db_query(owner, a, NULL, "UPDATE job SET run_at = now() - interval '1 second' WHERE id = $1", DB_INT(stale.id)));
	OK(queue_claim(jobs, a, lane, worker, 30, 1, &job, &count));
	struct t1_file f = loaded(job.subject);
	CHECK_TEXT(f.state, "waiting");
	CHECK(!f.name && !f.iv.data && !f.erased && f.due_at > f.created_at);
	f.folder = "/x/";
	f.name = "KH_x";
	f.size = 5;
	f.iv = (struct bytes){bytes, 16};
	f.sha256 = (struct bytes){bytes, 32};
	CHECK_STATUS(t1_file_prepared(jobs, a, &stale, 30, &f), ST_CONFLICT);
	CHECK_STATUS(t1_file_uploaded(jobs, a, &job, 30), ST_CONFLICT); /* not yet prepared */
	OK(t1_file_prepared(jobs, a, &job, 30, &f));
	CHECK_STATUS(t1_file_uploaded(jobs, a, &stale, 30), ST_CONFLICT);
	OK(t1_file_uploaded(jobs, a, &job, 30));
	f = loaded(job.subject);
	CHECK_TEXT(f.state, "uploaded");
	CHECK(f.size == 5 && f.iv.length == 16 && f.sha256.length == 32);
	CHECK_STATUS(t1_file_done(jobs, a, &tester, &stale, &f), ST_CONFLICT);
	CHECK_TEXT(loaded(job.subject).state, "uploaded");
	CHECK_STATUS(t1_file_failed(jobs, a, &stale, "file_conflict", "x"), ST_CONFLICT);
	OK(t1_file_failed(jobs, a, &job, "file_conflict", "x"));
	CHECK_TEXT(loaded(job.subject).state, "failed");
	CHECK_TEXT(VALUE(owner, "SELECT dead_cause AS value FROM job WHERE subject = $1", job.subject), "file_conflict");
	OK(queue_requeue(owner, a, job.id));
	OK(queue_claim(jobs, a, lane, worker, 30, 1, &job, &count));
	CHECK(count == 1);
	OK(t1_file_prepared(jobs, a, &job, 30, &f));
	OK(t1_file_uploaded(jobs, a, &job, 30));
	OK(t1_file_done(jobs, a, &tester, &job, &f));
	CHECK_TEXT(loaded(job.subject).state, "done");
	CHECK_TEXT(VALUE(owner, "SELECT count(*) AS value FROM job WHERE subject = $1", job.subject), "0");
	CHECK_TEXT(VALUE(owner, "SELECT count(*) AS value FROM audit WHERE action = 'file.delivered' AND application_id = $1", p.id), "1");
	OK(queue_worker_stop(jobs, a, worker));
}

static void test_twenty_slots(void)
{
	const char *destination = arena_printf(a, "%s:22", crypt_uuid(a));
	int worker = new_worker(jobs), number;
	for (int i = 1; i <= SFTP_SLOTS; i++) {
		OK(sftp_slot_take(jobs, a, destination, worker, 60, &number));
		CHECK(number == i);
	}
	OK(sftp_slot_take(jobs, a, destination, worker, 60, &number));
	CHECK(number == 0);
	OK(sftp_slot_give(jobs, a, destination, 7, worker, 0));
	OK(sftp_slot_take(jobs, a, destination, worker, 60, &number));
	CHECK(number == 7);
	OK(sftp_slot_give(jobs, a, destination, 8, worker, 60)); /* the server may still see the session */
	OK(sftp_slot_take(jobs, a, destination, worker, 60, &number));
	CHECK(number == 0);
	OK(sftp_slot_take(jobs, a, "another:22", worker, 60, &number));
	CHECK(number == 1);
	CHECK_STATUS(db_query(jobs, a, NULL, "INSERT INTO sftp_slot (destination, number) VALUES ('x', 21)"), ST_INVALID);
	OK(queue_worker_stop(jobs, a, worker));
	CHECK_TEXT(VALUE(owner, "SELECT count(*) AS value FROM sftp_slot WHERE worker IS NOT NULL AND destination = $1", destination), "0");
}

/* The dead lose it, but nobody gets it before the time that they promised is over. */
static void test_slots_of_the_dead(void)
{
	const char *destination = arena_printf(a, "%s:22", crypt_uuid(a));
	struct db *dying = fixture_connect("realname_jobs");
	int worker = new_worker(jobs), dead = new_worker(dying), number, freed;
	OK(sftp_slot_take(dying, a, destination, dead, 1, &number));
	CHECK(number == 1);
	OK(sftp_slot_keep(dying, a, destination, 1, dead, 60));
	CHECK_STATUS(sftp_slot_keep(jobs, a, destination, 1, worker, 60), ST_CONFLICT);
	db_close(dying);
	for (int i = 0;
	     i < 100 &&
	     !text_equal(VALUE(owner, "SELECT count(*) AS value FROM sftp_slot WHERE worker IS NULL AND number = 1 AND destination = $1",
			       destination),
			 "1");
	     i++) {
		OK(queue_reap(jobs, a, 0, &freed));
		(void)poll(NULL, 0, 50);
	}
	CHECK_TEXT(VALUE(owner, "SELECT count(*) AS value FROM sftp_slot WHERE worker IS NULL AND destination = $1", destination), "20");
	OK(sftp_slot_take(jobs, a, destination, worker, 60, &number));
	CHECK(number == 2);
	OK(db_query(owner, a, NULL, "UPDATE sftp_slot SET held_until = now() WHERE destination = $1 AND number = 1", DB_TEXT(destination)));
	OK(sftp_slot_take(jobs, a, destination, worker, 60, &number));
	CHECK(number == 1);
	OK(queue_worker_stop(jobs, a, worker));
}

/* One session for one file, not one a process. */
static void test_no_more_sessions_than_files(void)
{
	const char *destination = arena_printf(a, "%s:22", crypt_uuid(a)), *lane = arena_printf(a, "sftp:%s", crypt_uuid(a));
	int worker = new_worker(jobs), number;
	bool needed;
	for (int i = 0; i < 3; i++) {
		OK(sftp_slot_take(jobs, a, destination, worker, 60, &number));
		OK(sftp_slot_needed(jobs, a, destination, number, lane, &needed));
		CHECK(!needed);
	}
	OK(db_query(owner, a, NULL, "SELECT job_add('file_deliver', $1, gen_random_uuid(), NULL, 0, 60)", DB_TEXT(lane)));
	OK(sftp_slot_needed(jobs, a, destination, 1, lane, &needed));
	CHECK(needed);
	OK(sftp_slot_needed(jobs, a, destination, 2, lane, &needed));
	CHECK(!needed); /* the first one rests and will take it */
	OK(sftp_slot_rests(jobs, a, destination, 1, worker, false));
	OK(sftp_slot_needed(jobs, a, destination, 2, lane, &needed));
	CHECK(needed);
	OK(queue_worker_stop(jobs, a, worker));
	OK(db_query(owner, a, NULL, "DELETE FROM job WHERE lane = $1", DB_TEXT(lane)));
}

/* Ids and hashes stay; what waits is not sent any more. */
static void test_erased(void)
{
	struct catalogue c = with_sftp();
	struct application p;
	fixture_draft(&p, &c, 1);
	add_evidence(&p);
	fixture_submit(&p, 1, true);
	order_kh(account_of(&p, 0));
	OK(db_query(owner, a, NULL, "UPDATE application SET erased_at = now() WHERE id = $1", DB_TEXT(p.id)));
	CHECK_TEXT(VALUE(owner, "SELECT state || ' ' || cause AS value FROM t1_file WHERE application_id = $1", p.id),
		   "failed file_erased");
	CHECK(loaded(VALUE(owner, "SELECT id AS value FROM t1_file WHERE application_id = $1", p.id)).erased);
}

/* A day after, and only when nobody works on it any more. */
static void test_stale(void)
{
	struct catalogue c = with_sftp();
	struct application p;
	struct t1_file f;
	fixture_draft(&p, &c, 1);
	add_evidence(&p);
	fixture_submit(&p, 1, true);
	order_kh(account_of(&p, 0));
	OK(db_query(owner, a, NULL, "UPDATE t1_file SET tmp_at = now() - interval '25 hours' WHERE application_id = $1", DB_TEXT(p.id)));
	CHECK_STATUS(t1_file_stale(jobs, a, &f), ST_NOT_FOUND);
	OK(db_query(owner, a, NULL, "DELETE FROM job WHERE subject IN (SELECT id FROM t1_file WHERE application_id = $1)", DB_TEXT(p.id)));
	OK(t1_file_stale(jobs, a, &f));
	CHECK_TEXT(f.application_id, p.id);
	OK(t1_file_swept(jobs, a, f.id, true));
	CHECK_STATUS(t1_file_stale(jobs, a, &f), ST_NOT_FOUND);
	OK(db_query(owner, a, NULL, "UPDATE t1_file SET tmp_at = now() - interval '25 hours' WHERE application_id = $1", DB_TEXT(p.id)));
	OK(t1_file_stale(jobs, a, &f));
	OK(t1_file_swept(jobs, a, f.id, false));
	CHECK_STATUS(t1_file_stale(jobs, a, &f), ST_NOT_FOUND);
}

int main(void)
{
	fixture_start();
	RUN(test_order);
	RUN(test_rights);
	RUN(test_steps_are_fenced);
	RUN(test_twenty_slots);
	RUN(test_slots_of_the_dead);
	RUN(test_no_more_sessions_than_files);
	RUN(test_erased);
	RUN(test_stale);
	return fixture_end();
}
