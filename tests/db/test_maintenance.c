/* What the background program does by the clock: drafts, clips and uploads that end, what is swept and forgotten. */
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>

#include "fixture.h"
#include "jobs/maintenance.h"
#include "store/evidence_mark.h"
#include "store/resumable.h"
#include "store/sms.h"

static struct catalogue cat;
static const struct timespec old[2] = {{.tv_sec = 1000000}, {.tv_sec = 1000000}};

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
	fixture_draft(&p, &cat, 1);
	fixture_submit(&p, 1, true);
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

/* A whole file that no row names; its path. */
static char *put_orphan(struct application *p, const char **aside)
{
	struct evidence_writer *w;
	struct evidence_file file;
	OK(evidence_start(&w, a, config.evidence_dir, &p->key));
	OK(evidence_write(w, "x", 1));
	OK(evidence_finish(w, &file));
	*aside = arena_printf(a, "%s/orphans/%s", config.evidence_dir, file.storage_key);
	return arena_printf(a, "%s/%.2s/%s", config.evidence_dir, file.storage_key, file.storage_key);
}

static const char *path_of(const char *evidence_id)
{
	const char *key = VALUE(owner, "SELECT storage_key AS value FROM evidence WHERE id = $1", evidence_id);
	return arena_printf(a, "%s/%.2s/%s", config.evidence_dir, key, key);
}

static void test_sweep(void)
{
	struct application p;
	const char *aside, *young_aside;
	fixture_draft(&p, &cat, 0);
	char *owned = put_file(&p, "clip"), *deleted = put_file(&p, "clip");
	char *orphan = put_orphan(&p, &aside), *young = put_orphan(&p, &young_aside);
	OK(db_query(owner, a, NULL, "UPDATE evidence SET deleted_at = now() WHERE id = $1", DB_TEXT(deleted)));
	CHECK(utimensat(AT_FDCWD, orphan, old, 0) == 0);
	CHECK(utimensat(AT_FDCWD, path_of(owned), old, 0) == 0);
	CHECK(utimensat(AT_FDCWD, path_of(deleted), old, 0) == 0);
	OK(maintain_sweep(jobs, a, &config, &keys));
	CHECK(access(orphan, F_OK) != 0 && access(young, F_OK) == 0 && file_exists(owned));
	/* what a row says was deleted goes; what no row knows is put aside, for days that begin then */
	CHECK(!file_exists(deleted) && access(aside, F_OK) == 0 && access(young_aside, F_OK) != 0);
	OK(maintain_sweep(jobs, a, &config, &keys));
	CHECK(access(aside, F_OK) == 0);
	CHECK(utimensat(AT_FDCWD, aside, old, 0) == 0);
	OK(maintain_sweep(jobs, a, &config, &keys));
	CHECK(access(aside, F_OK) != 0);
	/* the database that knows it came back: it is not dropped, however long ago it was put aside */
	aside = arena_printf(a, "%s/orphans%s", config.evidence_dir, strrchr(path_of(owned), '/'));
	CHECK(rename(path_of(owned), aside) == 0 && !file_exists(owned) && utimensat(AT_FDCWD, aside, old, 0) == 0);
	OK(maintain_sweep(jobs, a, &config, &keys));
	CHECK(access(aside, F_OK) != 0 && file_exists(owned));
}

static void tasks_due(void)
{
	OK(db_query(owner, a, NULL, "UPDATE job_schedule SET next_at = now() - interval '1 second'"));
	OK(maintenance_run_due(jobs, a, &config, &keys));
}

/* What frees room must not wait for room. */
static void test_a_full_disk_holds_no_removing_back(void)
{
	const struct rlimit none = {0, RLIM_INFINITY};
	struct rlimit before;
	OK(maintain_audit_chain(jobs, a, &config, &keys));
	OK(evidence_mark_check(jobs, a, config.evidence_dir));
	OK(db_query(jobs, a, NULL, "INSERT INTO audit (actor, action, result) VALUES ('tester', 'full', 'ok')"));
	OK(maintain_audit_chain(jobs, a, &config, &keys));
	fflush(stdout);
	CHECK(getrlimit(RLIMIT_FSIZE, &before) == 0 && signal(SIGXFSZ, SIG_IGN) != SIG_ERR && setrlimit(RLIMIT_FSIZE, &none) == 0);
	enum status st = evidence_mark_check(jobs, a, config.evidence_dir);
	CHECK(setrlimit(RLIMIT_FSIZE, &before) == 0);
	OK(st);
	OK(evidence_mark_check(jobs, a, config.evidence_dir));
}

/* The database is restored to a moment before a draft was changed and pictures were added: to it they look like what ran out. */
static void test_a_database_that_was_set_back_removes_nothing(void)
{
	struct application p;
	const char *aside, *mark = arena_printf(a, "%s/database_mark", config.evidence_dir);
	OK(maintenance_prepare(jobs, a));
	OK(db_query(jobs, a, NULL, "INSERT INTO audit (actor, action, result) VALUES ('tester', 'before', 'ok')"));
	tasks_due();
	tasks_due();
	CHECK(access(mark, F_OK) == 0);
	fixture_draft(&p, &cat, 0);
	char *file = put_file(&p, "certificate_front"), *orphan = put_orphan(&p, &aside);
	CHECK(utimensat(AT_FDCWD, orphan, old, 0) == 0);
	OK(db_query(owner, a, NULL, "UPDATE application SET expires_at = now() - interval '1 second' WHERE id = $1", DB_TEXT(p.id)));
	OK(db_query(owner, a, NULL,
		    "WITH link AS (DELETE FROM audit_chain WHERE sequence = (SELECT max(sequence) FROM audit_chain) RETURNING audit_id) "
		    "DELETE FROM audit WHERE id >= (SELECT audit_id FROM link)"));
	tasks_due();
	CHECK(file_exists(file) && access(orphan, F_OK) == 0);
	/* nor when it has gone on */
	OK(db_query(jobs, a, NULL, "INSERT INTO audit (actor, action, result) VALUES ('tester', 'after', 'ok')"));
	tasks_due();
	tasks_due();
	CHECK(file_exists(file) && access(orphan, F_OK) == 0);
	CHECK_TEXT(VALUE(owner, "SELECT string_agg(kind, ' ' ORDER BY kind) AS value FROM job_schedule WHERE alarmed_at IS NOT NULL", NULL),
		   "clip_expiry draft_expiry retention sweep upload_expiry");
	/* people have accepted it */
	CHECK(unlink(mark) == 0);
	tasks_due();
	CHECK(!file_exists(file) && access(orphan, F_OK) != 0 && access(aside, F_OK) == 0 && access(mark, F_OK) == 0);
}

static void test_cleanup(void)
{
	char *message, *other;
	struct bytes hash = {(const unsigned char *)"old-session", 11};
	OK(sms_enqueue(web, a, &keys, NULL, "result_ok", NULL, "13800000001", &message));
	OK(sms_enqueue(web, a, &keys, NULL, "result_ok", NULL, "13800000001", &other));
	OK(db_query(owner, a, NULL, "DELETE FROM job"));
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
	CHECK_TEXT(VALUE(owner, "SELECT count(*)::text AS value FROM job_schedule WHERE next_at > now()", NULL), "13");
}

/* A task that fails is an alarm when it was not done for three of its turns, once an hour; one that is done says when. */
static void test_a_failing_task_is_an_alarm(void)
{
	static char nowhere[] = "/nonexistent";
	struct config away = config;
	static const char alarmed[] = "SELECT string_agg(kind, ' ' ORDER BY kind) AS value FROM job_schedule WHERE alarmed_at > now() - interval '1 hour'";
	OK(maintenance_prepare(jobs, a));
	OK(db_query(owner, a, NULL, "UPDATE job_schedule SET next_at = now() - interval '1 second', done_at = now() - interval '20 minutes', alarmed_at = NULL"));
	away.evidence_dir = nowhere;
	OK(maintenance_run_due(jobs, a, &away, &keys));
	CHECK_TEXT(VALUE(owner, alarmed, NULL), "draft_expiry");
	CHECK_TEXT(VALUE(owner, "SELECT string_agg(kind, ' ' ORDER BY kind) AS value FROM job_schedule WHERE done_at < now() - interval '10 minutes'", NULL),
		   "clip_expiry draft_expiry retention sweep upload_expiry");
	const char *first = VALUE(owner, "SELECT alarmed_at::text AS value FROM job_schedule WHERE kind = 'draft_expiry'", NULL);
	OK(db_query(owner, a, NULL, "UPDATE job_schedule SET next_at = now() - interval '1 second'"));
	OK(maintenance_run_due(jobs, a, &away, &keys));
	CHECK_TEXT(VALUE(owner, "SELECT alarmed_at::text AS value FROM job_schedule WHERE kind = 'draft_expiry'", NULL), first);
	tasks_due();
	CHECK_TEXT(VALUE(owner, "SELECT count(*)::text AS value FROM job_schedule WHERE done_at < now() - interval '10 minutes'", NULL), "0");
}

int main(void)
{
	fixture_start();
	config.job_history_days = 30;
	fixture_catalogue(&cat, NULL);
	RUN(test_draft_expiry);
	RUN(test_draft_expiry_passes_a_bad_one);
	RUN(test_draft_expiry_goes_on);
	RUN(test_clip_expiry);
	RUN(test_upload_expiry);
	RUN(test_sweep);
	RUN(test_a_database_that_was_set_back_removes_nothing);
	RUN(test_a_full_disk_holds_no_removing_back);
	RUN(test_cleanup);
	RUN(test_schedule_runs_once);
	RUN(test_a_failing_task_is_an_alarm);
	return fixture_end();
}
