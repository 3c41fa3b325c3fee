/* Erasing: see erasure.h. It knows no pages and decides nothing that the database's functions decide. */
#include "store/erasure.h"

#include "base/log.h"
#include "store/cards.h"
#include "store/evidence.h"
#include "store/resumable.h"

/* Locks the row, so that everything after it is judged by what is there now. */
static enum status lock(struct db *db, struct arena *a, const struct erasure *e, bool *draft)
{
	struct db_result *r;
	enum status st = db_begin(db);

	if (st == ST_OK)
		st = db_query(db, a, &r,
		              "SELECT submitted_at IS NULL AS draft FROM application WHERE id = $1 AND ($2::bytea IS NULL OR phone_hash = $2)"
		              " AND expired_at IS NULL AND erased_at IS NULL FOR UPDATE",
		              DB_TEXT(e->application_id), DB_BYTES(e->phone_hash));
	if (st == ST_OK && db_rows(r) != 1)
		st = status_fail(ST_NOT_FOUND, "there is no such application with personal data");
	if (st == ST_OK)
		*draft = db_bool(r, 0, "draft");
	return st;
}

static enum status expire_cards(struct db *db, struct arena *a, const struct config *config, const struct keys *keys, const struct actor *actor,
                                const struct erasure *e)
{
	struct db_result *r;
	enum status st = db_query(db, a, &r, "SELECT id FROM application_card WHERE application_id = $1 AND state = 'draft' ORDER BY id",
	                          DB_TEXT(e->application_id));

	for (int i = 0; st == ST_OK && i < db_rows(r); i++) {
		const struct card_change change = {.application_card_id = db_text(r, i, "id"), .to = CARD_EXPIRED};

		st = card_transition(db, a, config, keys, actor, &change);
	}
	return st;
}

/* After the commit: the rows say that the files are gone; one that cannot be removed now has no living row and is swept. */
static void remove_files(const struct config *config, const struct db_result *files)
{
	for (int i = 0; i < db_rows(files); i++)
		if (evidence_delete(config->evidence_dir, db_text(files, i, "storage_key")) != ST_OK)
			log_warn("erasure", "%s", status_message());
}

/* kind: of the unfinished uploads that go too, NULL for all. They are not readable any more or run out within a day, so one that cannot
 * be removed now does not undo the rest. */
static enum status end(struct db *db, struct arena *a, const struct config *config, enum status st, const struct erasure *e, const struct db_result *files, const char *kind)
{
	if (st == ST_OK)
		st = db_commit(db);
	if (st != ST_OK) {
		db_rollback(db);
		return st;
	}
	remove_files(config, files);
	if (resumable_remove_all(db, a, config->evidence_dir, e->application_id, kind) != ST_OK)
		log_warn("erasure", "uploads: %s", status_message());
	return ST_OK;
}

enum status erasure_run(struct db *db, struct arena *a, const struct config *config, const struct keys *keys, const struct actor *actor, const struct erasure *e)
{
	struct db_result *files = NULL;
	bool draft = false;
	enum status st = lock(db, a, e, &draft);

	if (st == ST_OK && draft)
		st = expire_cards(db, a, config, keys, actor, e);
	if (st == ST_OK)
		st = db_query(db, a, &files, "SELECT application_erase($1, $2, $3) AS storage_key", DB_TEXT(e->application_id), DB_INT(config->refused_days),
		              DB_BOOL(e->on_request));
	if (st == ST_OK)
		st = audit_write(db, a, actor, draft ? "draft.erased" : "application.erased", e->application_id,
		                 arena_printf(a, "application:%s", e->application_id), "ok", e->on_request ? "{\"request\":true}" : NULL);
	return end(db, a, config, st, e, files, NULL);
}

enum status erasure_withdraw_face(struct db *db, struct arena *a, const struct config *config, const struct actor *actor, const struct erasure *e)
{
	struct db_result *files = NULL;
	bool draft;
	enum status st = lock(db, a, e, &draft);

	if (st == ST_OK)
		st = db_query(db, a, &files, "SELECT application_withdraw_face($1, $2) AS storage_key", DB_TEXT(e->application_id), DB_INT(config->refused_days));
	if (st == ST_OK)
		st = audit_write(db, a, actor, e->on_request ? "consent.withdrawn" : "portrait.deleted", e->application_id,
		                 arena_printf(a, "application:%s", e->application_id), "ok", NULL);
	return end(db, a, config, st, e, files, "clip");
}
