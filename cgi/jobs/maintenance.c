/* The schedule of the maintenance tasks, and the tasks that only touch rows. Those that remove files are in retention.c and sweep.c. */
#include "jobs/maintenance.h"

#include <string.h>

#include "base/log.h"
#include "store/audit.h"
#include "store/evidence_mark.h"

static const struct {
	const char *kind;
	int every_s;
	enum status (*run)(struct db *db, struct arena *a, const struct config *config, const struct keys *keys);
	bool removes; /* files of the evidence store, or the keys to them */
} tasks[] = {
	{"audit_chain", 30, maintain_audit_chain, false},
	{"file_deadline", 30, maintain_file_deadline, false},
	{"sftp_slots", 600, maintain_sftp_slots, false},
	{"draft_expiry", 300, maintain_draft_expiry, true},
	{"clip_expiry", 600, maintain_clip_expiry, true},
	{"upload_expiry", 600, maintain_upload_expiry, true},
	{"retention", 3600, maintain_retention, true},
	{"cleanup", 600, maintain_cleanup, false},
	{"complaint_expiry", 3600, maintain_complaint_expiry, false},
	{"sweep", 6 * 3600, maintain_sweep, true},
	{"waiting", 24 * 3600, maintain_waiting, false},
	{"t1_reconcile", 600, maintain_t1_reconcile, false},
	{"t1_count", 60, maintain_t1_count, false},
};
#define LATE 3 /* times its turn: then a task that fails is an alarm */
#define TASKS ((int)(sizeof(tasks) / sizeof(tasks[0])))

enum status maintenance_prepare(struct db *db, struct arena *a)
{
	enum status st = ST_OK;
	for (int i = 0; st == ST_OK && i < TASKS; i++)
		st = db_query(db, a, NULL, "INSERT INTO job_schedule (kind) VALUES ($1) ON CONFLICT DO NOTHING", DB_TEXT(tasks[i].kind));
	return st;
}

static int task_of(const char *kind)
{
	for (int i = 0; i < TASKS; i++)
		if (strcmp(tasks[i].kind, kind) == 0)
			return i;
	return -1;
}

/* Whether to raise an alarm about a task that was not done for so long: once an hour, by whichever process is first. */
static bool alarm_due(struct db *db, struct arena *a, int i, int not_done_s)
{
	struct db_result *r;
	return db_query(db, a, &r,
			"UPDATE job_schedule SET alarmed_at = now() WHERE kind = $1 AND done_at < now() - make_interval(secs => $2) "
			"AND (alarmed_at IS NULL OR alarmed_at < now() - interval '1 hour')",
			DB_TEXT(tasks[i].kind), DB_INT(not_done_s)) == ST_OK &&
	       db_affected(r) == 1;
}

/* Nothing is removed on the word of a database that the store does not belong to. */
static enum status may_remove(struct db *db, struct arena *a, const struct config *config, int i)
{
	enum status st = evidence_mark_check(db, a, config->evidence_dir);
	if (st == ST_CONFLICT && alarm_due(db, a, i, 0))
		log_alarm("maintenance",
			  "task=%s removes nothing: the database is older than the evidence store, or another one; restore the newer one, or accept "
			  "this one by removing " EVIDENCE_MARK " from evidence_dir",
			  tasks[i].kind);
	return st;
}

static enum status run_task(struct db *db, struct arena *a, const struct config *config, const struct keys *keys, int i)
{
	struct db_result *r;
	enum status st = db_query(
		db, a, &r, "UPDATE job_schedule SET next_at = now() + make_interval(secs => $2) WHERE kind = $1 AND next_at <= now()",
		DB_TEXT(tasks[i].kind), DB_INT(tasks[i].every_s));
	if (st != ST_OK || db_affected(r) == 0)
		return st;
	st = tasks[i].removes ? may_remove(db, a, config, i) : ST_OK;
	if (st == ST_OK)
		st = tasks[i].run(db, a, config, keys);
	if (st == ST_OK)
		return db_query(db, a, NULL, "UPDATE job_schedule SET done_at = now() WHERE kind = $1", DB_TEXT(tasks[i].kind));
	const char *why = arena_strdup(a, status_message());
	log_warn("maintenance", "task=%s failed: %s", tasks[i].kind, why);
	db_rollback(db);
	if (st == ST_UNAVAILABLE && (st = db_ready(db)) != ST_OK)
		return st;
	if (alarm_due(db, a, i, LATE * tasks[i].every_s))
		log_alarm("maintenance", "task=%s was not done for more than %d minutes: %s", tasks[i].kind, LATE * tasks[i].every_s / 60, why);
	return ST_OK;
}

enum status maintenance_run_due(struct db *db, struct arena *a, const struct config *config, const struct keys *keys)
{
	struct db_result *r;
	enum status st = db_query(db, a, &r, "SELECT kind FROM job_schedule WHERE next_at <= now() ORDER BY next_at");
	for (int i = 0; st == ST_OK && i < db_rows(r); i++) {
		int task = task_of(db_text(r, i, "kind"));
		if (task >= 0)
			st = run_task(db, a, config, keys, task);
	}
	return st;
}

enum status maintain_audit_chain(struct db *db, struct arena *a, const struct config *config, const struct keys *keys)
{
	(void)config;
	(void)keys;
	int chained;
	enum status st = audit_chain(db, a, &chained);
	if (st == ST_OK && chained > 0)
		log_info("audit_chain", "rows=%d", chained);
	return st;
}

/* Small statements: none holds many rows locked. */
#define BATCH 2000

struct cleaning {
	const char *name;
	enum status (*batch)(struct db *db, struct arena *a, const struct config *config, struct db_result **r);
};

static enum status old_attempts(struct db *db, struct arena *a, const struct config *config, struct db_result **r)
{
	(void)config;
	return db_query(
		db, a, r,
		"DELETE FROM attempt WHERE ctid = ANY (ARRAY (SELECT ctid FROM attempt WHERE at < now() - interval '2 days' LIMIT 2000))");
}

static enum status old_codes(struct db *db, struct arena *a, const struct config *config, struct db_result **r)
{
	(void)config;
	return db_query(db, a, r,
			"DELETE FROM sms_code WHERE id = ANY (ARRAY (SELECT id FROM sms_code WHERE expires_at < now() - interval '1 day' "
			"LIMIT 2000))");
}

static enum status old_sessions(struct db *db, struct arena *a, const struct config *config, struct db_result **r)
{
	(void)config;
	return db_query(
		db, a, r,
		"DELETE FROM session WHERE id_hash = ANY (ARRAY (SELECT id_hash FROM session WHERE expires_at < now() LIMIT 2000))");
}

static enum status old_phones(struct db *db, struct arena *a, const struct config *config, struct db_result **r)
{
	(void)config;
	return db_query(db, a, r,
			"UPDATE sms_message SET phone_sealed = NULL WHERE id = ANY (ARRAY (SELECT id FROM sms_message "
			"WHERE created_at < now() - interval '7 days' AND phone_sealed IS NOT NULL LIMIT 2000))");
}

static enum status old_nonces(struct db *db, struct arena *a, const struct config *config, struct db_result **r)
{
	(void)config;
	return db_query(db, a, r,
			"DELETE FROM entry_nonce WHERE hash = ANY (ARRAY (SELECT hash FROM entry_nonce WHERE at < now() - interval '1 day' "
			"LIMIT 2000))");
}

static enum status old_jobs(struct db *db, struct arena *a, const struct config *config, struct db_result **r)
{
	return db_query(db, a, r,
			"DELETE FROM job_done WHERE ctid = ANY (ARRAY (SELECT ctid FROM job_done WHERE finished_at < now() - "
			"make_interval(days => $1) LIMIT 2000))",
			DB_INT(config->job_history_days));
}

enum status maintain_cleanup(struct db *db, struct arena *a, const struct config *config, const struct keys *keys)
{
	static const struct cleaning cleanings[] = {
		{"attempt", old_attempts}, {"sms_code", old_codes}, {"session", old_sessions},
		{"phone", old_phones},     {"job_done", old_jobs},  {"entry_nonce", old_nonces},
	};
	(void)keys;
	for (size_t i = 0; i < sizeof(cleanings) / sizeof(cleanings[0]); i++) {
		long total = 0, batch = BATCH;
		while (batch == BATCH) {
			struct db_result *r;
			enum status st = cleanings[i].batch(db, a, config, &r);
			if (st != ST_OK)
				return st;
			batch = db_affected(r);
			total += batch;
		}
		if (total > 0)
			log_info("cleanup", "table=%s rows=%ld", cleanings[i].name, total);
	}
	return ST_OK;
}
