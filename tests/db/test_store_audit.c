/* Audit rows: numbered without gaps, chained, and changes to them are found. */
#include <sys/wait.h>

#include "fixture.h"

static struct catalogue cat;
static struct application app;

#define WRITERS 4
#define EACH 25
static void test_numbers_under_concurrency(void)
{
	int status;
	for (int i = 0; i < WRITERS; i++)
		if (fork() == 0) {
			struct db *db = fixture_connect("realname_web");
			for (int n = 0; n < EACH; n++)
				if (db_begin(db) != ST_OK || audit_write(db, a, &tester, "test", app.id, NULL, "ok", NULL) != ST_OK ||
				    (n % 5 == 4 ? (db_rollback(db), ST_OK) : db_commit(db)) != ST_OK)
					_exit(1);
			_exit(0);
		}
	for (int i = 0; i < WRITERS; i++)
		CHECK(wait(&status) > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0);
	CHECK_TEXT(VALUE(owner, "SELECT count(*)::text || ' ' || min(number) || ' ' || max(number) AS value FROM audit WHERE application_id = $1", app.id),
		   "80 1 80");
}

static void test_nobody_changes_audit(void)
{
	CHECK_STATUS(db_query(web, a, NULL, "UPDATE audit SET result = 'x'"), ST_DENIED);
	CHECK_STATUS(db_query(jobs, a, NULL, "DELETE FROM audit"), ST_DENIED);
	CHECK_STATUS(audit_write(web, a, &tester, "test", crypt_uuid(a), NULL, "ok", NULL), ST_NOT_FOUND);
	OK(audit_write(web, a, &tester, "test", NULL, "session:x", "ok", "{\"n\":1}"));
}

static void test_chain_and_verify(void)
{
	int chained = 0;
	struct audit_link last;
	OK(audit_chain(jobs, a, &chained));
	CHECK(chained == 81);
	OK(audit_chain(jobs, a, &chained));
	CHECK(chained == 0);
	OK(audit_verify(jobs, a, NULL, &last));
	CHECK(last.sequence == 81);
}

/* A transaction that began earlier and committed later than others is still chained. */
static void test_late_commit_is_chained(void)
{
	int chained = 0;
	struct audit_link last;
	OK(db_begin(web));
	OK(audit_write(web, a, &tester, "late", NULL, NULL, "ok", NULL));
	OK(audit_write(jobs, a, &tester, "early", NULL, NULL, "ok", NULL));
	OK(audit_chain(jobs, a, &chained));
	CHECK(chained == 1);
	OK(db_commit(web));
	OK(audit_chain(jobs, a, &chained));
	CHECK(chained == 1);
	OK(audit_verify(jobs, a, NULL, &last));
}

static void test_tampering_is_found(void)
{
	struct audit_link last;
	OK(db_begin(owner));
	OK(db_query(owner, a, NULL, "UPDATE audit SET result = 'bad' WHERE application_id = $1 AND number = 7", DB_TEXT(app.id)));
	CHECK_STATUS(audit_verify(owner, a, NULL, &last), ST_CONFLICT);
	CHECK(strstr(status_message(), VALUE(owner, "SELECT id AS value FROM audit WHERE application_id = $1 AND number = 7", app.id)) != NULL);
	db_rollback(owner);
	OK(db_begin(owner));
	OK(db_query(owner, a, NULL, "DELETE FROM audit_chain WHERE sequence = 9"));
	CHECK_STATUS(audit_verify(owner, a, NULL, &last), ST_CONFLICT);
	db_rollback(owner);
	/* cut off at the end, with its link */
	OK(db_begin(owner));
	OK(audit_write(owner, a, &tester, "last", app.id, NULL, "ok", NULL));
	OK(db_query(owner, a, NULL, "DELETE FROM audit WHERE action = 'last'"));
	CHECK_STATUS(audit_verify(owner, a, NULL, &last), ST_CONFLICT);
	db_rollback(owner);
	OK(audit_verify(owner, a, NULL, &last));
}

/* With the jobs program away for a while nothing was tampered with; a row before the last link that is not in the chain was. */
static void test_tail_without_links(void)
{
	struct audit_link last;
	OK(db_begin(owner));
	OK(db_query(owner, a, NULL, "INSERT INTO audit (at, actor, action, result) VALUES (now() - interval '1 hour', 'jobs', 'tail', 'ok')"));
	CHECK_STATUS(audit_verify(owner, a, NULL, &last), ST_UNAVAILABLE);
	CHECK(strstr(status_message(), "is realname-jobs running?") != NULL);
	OK(db_query(owner, a, NULL, "INSERT INTO audit (id, at, actor, action, result) OVERRIDING SYSTEM VALUE "
				    "SELECT min(id) - 1, now() - interval '1 hour', 'jobs', 'slipped in', 'ok' FROM audit"));
	CHECK_STATUS(audit_verify(owner, a, NULL, &last), ST_CONFLICT);
	db_rollback(owner);
}

/* A database that was cut and chained anew, or restored from before, is whole in itself: only a link kept elsewhere tells. */
static void test_kept_link(void)
{
	struct audit_link kept, middle, last;
	int chained = 0;
	OK(audit_verify(jobs, a, NULL, &middle));
	OK(audit_write(owner, a, &tester, "more", NULL, NULL, "ok", NULL));
	OK(audit_chain(jobs, a, &chained));
	OK(audit_verify(jobs, a, NULL, &kept));
	CHECK(kept.sequence == middle.sequence + 1);
	OK(audit_verify(jobs, a, &middle, &last));
	OK(audit_verify(jobs, a, &kept, &last));
	/* of before */
	OK(db_query(owner, a, NULL, "DELETE FROM audit_chain WHERE sequence = $1", DB_INT(kept.sequence)));
	OK(db_query(owner, a, NULL, "DELETE FROM audit WHERE action = 'more'"));
	OK(audit_verify(jobs, a, NULL, &last));
	CHECK_STATUS(audit_verify(jobs, a, &kept, &last), ST_CONFLICT);
	/* on from there with other rows */
	OK(audit_write(owner, a, &tester, "other", NULL, NULL, "ok", NULL));
	OK(audit_chain(jobs, a, &chained));
	OK(audit_verify(jobs, a, &middle, &last));
	CHECK_STATUS(audit_verify(jobs, a, &kept, &last), ST_CONFLICT);
	CHECK(strstr(status_message(), "kept") != NULL);
}

/* More rows than one batch. */
static void test_many_rows(void)
{
	int chained = 0;
	struct audit_link last, before;
	OK(audit_verify(jobs, a, NULL, &before));
	OK(db_query(owner, a, NULL, "INSERT INTO audit (actor, action, result) SELECT 'jobs', 'many', 'ok' FROM generate_series(1, 4500)"));
	OK(audit_chain(jobs, a, &chained));
	CHECK(chained == 4500);
	OK(audit_verify(jobs, a, NULL, &last));
	CHECK(last.sequence == before.sequence + 4500);
}

int main(void)
{
	fixture_start();
	OK(db_script(owner, "TRUNCATE audit, audit_chain; UPDATE application SET audit_count = 0"));
	fixture_catalogue(&cat, NULL);
	fixture_draft(&app, &cat, 0);
	RUN(test_numbers_under_concurrency);
	RUN(test_nobody_changes_audit);
	RUN(test_chain_and_verify);
	RUN(test_late_commit_is_chained);
	RUN(test_tampering_is_found);
	RUN(test_tail_without_links);
	RUN(test_kept_link);
	RUN(test_many_rows);
	return fixture_end();
}
