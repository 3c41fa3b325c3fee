/* What is left of a complaint after its time: that there was one. */
#include "base/log.h"
#include "jobs/maintenance.h"
#include "store/audit.h"

#define BATCH 200

static const struct actor job_actor = {.name = "jobs"};

/* Some of those that are due, in one transaction. */
static enum status clear_some(struct db *db, struct arena *a, int *cleared)
{
	struct db_result *r;
	enum status st = db_begin(db);

	*cleared = 0;
	if (st == ST_OK)
		st = db_query(db, a, &r,
		              "WITH old AS (SELECT id, data_key_id FROM complaint WHERE cleared_at IS NULL AND answered_at < now() - interval '2 years'"
		              " ORDER BY answered_at LIMIT $1::integer FOR UPDATE),"
		              " k AS (UPDATE data_key SET wrapped = NULL, erased_at = now() WHERE id IN (SELECT data_key_id FROM old) AND wrapped IS NOT NULL)"
		              " UPDATE complaint SET text_sealed = NULL, phone_sealed = NULL, answer_sealed = NULL, cleared_at = now()"
		              " WHERE id IN (SELECT id FROM old) RETURNING id",
		              DB_INT(BATCH));
	for (int i = 0; st == ST_OK && i < db_rows(r); i++, ++*cleared)
		st = audit_write(db, a, &job_actor, "complaint.cleared", NULL, arena_printf(a, "complaint:%s", db_text(r, i, "id")), "ok", NULL);
	if (st == ST_OK)
		st = db_commit(db);
	if (st != ST_OK)
		db_rollback(db);
	return st;
}

enum status maintain_complaint_expiry(struct db *db, struct arena *a, const struct config *config, const struct keys *keys)
{
	int count = BATCH, total = 0;

	(void)config;
	(void)keys;
	while (count == BATCH) {
		enum status st = clear_some(db, a, &count);

		if (st != ST_OK)
			return st;
		total += count;
	}
	if (total > 0)
		log_info("complaint_expiry", "cleared=%d", total);
	return ST_OK;
}
