/* The end of data: drafts that ran out, clips after their day, applications after their years. Rows are marked first, files removed after the
 * commit, keys erased last; a file that a crash leaves behind has no living row and is swept (sweep.c). */
#include <string.h>

#include "base/log.h"
#include "jobs/job.h"
#include "jobs/maintenance.h"
#include "store/cards.h"
#include "store/erasure.h"
#include "store/evidence.h"
#include "store/resumable.h"

#define BATCH 200

/* ---- drafts ---- */

/* Marks one draft; *mine is false when it was submitted or taken by another worker meanwhile. In the caller's transaction. */
static enum status mark_draft(struct db *db, struct arena *a, const struct config *config, const struct keys *keys, const char *id, bool *mine)
{
	struct db_result *r;
	enum status st = db_query(db, a, &r,
				  "SELECT FROM application WHERE id = $1 AND submitted_at IS NULL AND expired_at IS NULL AND expires_at < now() "
				  "FOR UPDATE SKIP LOCKED",
				  DB_TEXT(id));
	*mine = st == ST_OK && db_rows(r) == 1;
	if (!*mine)
		return st;
	/* the keyed hashes would still tell that two drafts are of one person */
	st = db_query(db, a, NULL,
		      "UPDATE application SET expired_at = now(), version = version + 1, phone_hash = NULL, phone_hash_key = NULL, phone_sealed = NULL "
		      "WHERE id = $1",
		      DB_TEXT(id));
	if (st == ST_OK)
		st = db_query(db, a, NULL, "UPDATE application_party SET number_hash = '' WHERE application_id = $1", DB_TEXT(id));
	if (st == ST_OK)
		st = db_query(db, a, &r, "SELECT id FROM application_card WHERE application_id = $1 AND state = 'draft' ORDER BY id", DB_TEXT(id));
	for (int i = 0; st == ST_OK && i < db_rows(r); i++) {
		const struct card_change change = {.application_card_id = db_text(r, i, "id"), .to = CARD_EXPIRED};
		st = card_transition(db, a, config, keys, &job_actor, &change);
	}
	return st == ST_OK ? audit_write(db, a, &job_actor, "draft.expired", id, NULL, "ok", NULL) : st;
}

/* Deletes the files of a marked draft, then erases its key. May be repeated. */
static enum status erase_draft(struct db *db, struct arena *a, const struct config *config, const char *id)
{
	struct db_result *r;
	enum status st = db_query(db, a, &r, "SELECT storage_key FROM evidence WHERE application_id = $1", DB_TEXT(id));
	for (int i = 0; st == ST_OK && i < db_rows(r); i++)
		st = evidence_delete(config->evidence_dir, db_text(r, i, "storage_key"));
	if (st == ST_OK)
		st = resumable_remove_all(db, a, config->evidence_dir, id, NULL);
	if (st != ST_OK || (st = db_begin(db)) != ST_OK)
		return st;
	st = db_query(db, a, NULL, "UPDATE evidence SET deleted_at = now() WHERE application_id = $1 AND deleted_at IS NULL", DB_TEXT(id));
	if (st == ST_OK)
		st = db_query(db, a, NULL,
			      "UPDATE data_key SET wrapped = NULL, erased_at = now() WHERE wrapped IS NOT NULL "
			      "AND id = (SELECT data_key_id FROM application WHERE id = $1 AND expired_at IS NOT NULL)",
			      DB_TEXT(id));
	if (st == ST_OK)
		st = audit_write(db, a, &job_actor, "draft.erased", id, NULL, "ok", NULL);
	if (st == ST_OK)
		st = db_commit(db);
	if (st != ST_OK)
		db_rollback(db);
	return st;
}

/* One draft that cannot be ended does not hold up the others; the round as a whole has failed. */
static enum status skipped(const char *what, const char *id, enum status why)
{
	log_error("draft_expiry", "%s application=%s: %s", what, id, status_message());
	return why;
}

static enum status mark_drafts(struct db *db, struct arena *a, const struct config *config, const struct keys *keys)
{
	struct db_result *r;
	bool mine;
	enum status st = db_query(db, a, &r,
				  "SELECT id FROM application WHERE submitted_at IS NULL AND expired_at IS NULL AND expires_at < now() "
				  "ORDER BY expires_at LIMIT 200");
	if (st != ST_OK)
		return st;
	for (int i = 0; i < db_rows(r); i++) {
		enum status one = db_begin(db);
		if (one == ST_OK)
			one = mark_draft(db, a, config, keys, db_text(r, i, "id"), &mine);
		if (one == ST_OK)
			one = db_commit(db);
		if (one == ST_OK)
			continue;
		db_rollback(db);
		st = skipped("mark", db_text(r, i, "id"), one);
	}
	return st;
}

enum status maintain_draft_expiry(struct db *db, struct arena *a, const struct config *config, const struct keys *keys)
{
	struct db_result *r;
	int erased = 0;
	enum status marked = mark_drafts(db, a, config, keys);
	enum status st = db_query(db, a, &r,
				  "SELECT p.id FROM application p JOIN data_key k ON k.id = p.data_key_id "
				  "WHERE p.expired_at > now() - interval '30 days' AND k.erased_at IS NULL ORDER BY p.expired_at DESC LIMIT 200");
	if (st != ST_OK)
		return st;
	for (int i = 0; i < db_rows(r); i++) {
		enum status one = erase_draft(db, a, config, db_text(r, i, "id"));
		if (one == ST_OK)
			erased++;
		else
			st = skipped("erase", db_text(r, i, "id"), one);
	}
	if (erased > 0)
		log_info("draft_expiry", "erased=%d", erased);
	return st == ST_OK ? marked : st;
}

/* ---- clips ---- */

static enum status delete_clip(struct db *db, struct arena *a, const struct config *config, const char *id, const char *application_id,
			       const char *storage_key)
{
	struct db_result *r;
	enum status st = db_begin(db);
	if (st != ST_OK)
		return st;
	st = db_query(db, a, &r, "UPDATE evidence SET deleted_at = now() WHERE id = $1 AND deleted_at IS NULL", DB_TEXT(id));
	if (st == ST_OK && db_affected(r) == 1)
		st = audit_write(db, a, &job_actor, "clip.deleted", application_id, arena_printf(a, "evidence:%s", id), "ok", NULL);
	if (st == ST_OK)
		st = db_commit(db);
	if (st != ST_OK) {
		db_rollback(db);
		return st;
	}
	return evidence_delete(config->evidence_dir, storage_key);
}

enum status maintain_clip_expiry(struct db *db, struct arena *a, const struct config *config, const struct keys *keys)
{
	(void)keys;
	struct db_result *r;
	int count = BATCH;
	while (count == BATCH) {
		enum status st = db_query(db, a, &r,
					  "SELECT e.id, e.application_id, e.storage_key FROM evidence e JOIN application p ON p.id = e.application_id "
					  "WHERE e.purpose = 'clip' AND e.deleted_at IS NULL AND e.created_at < now() - interval '24 hours' "
					  "AND p.submitted_at IS NOT NULL AND (p.liveness_passed_at IS NOT NULL OR p.identity_way = 'manual' OR NOT EXISTS (SELECT FROM application_card c "
					  "WHERE c.application_id = p.id AND c.state NOT IN ('done', 'refused', 'withdrawn', 'expired'))) "
					  "ORDER BY e.created_at LIMIT 200");
		if (st != ST_OK)
			return st;
		count = db_rows(r);
		for (int i = 0; i < count; i++) {
			st = delete_clip(db, a, config, db_text(r, i, "id"), db_text(r, i, "application_id"), db_text(r, i, "storage_key"));
			if (st != ST_OK)
				return st;
		}
	}
	return ST_OK;
}

/* ---- uploads ---- */

enum status maintain_upload_expiry(struct db *db, struct arena *a, const struct config *config, const struct keys *keys)
{
	(void)keys;
	struct db_result *r;
	int count = BATCH, removed = 0;
	enum status st = ST_OK;
	while (st == ST_OK && count == BATCH) {
		st = db_query(db, a, &r, "SELECT id, state FROM upload WHERE expires_at < now() ORDER BY expires_at LIMIT 200");
		count = st == ST_OK ? db_rows(r) : 0;
		for (int i = 0; st == ST_OK && i < count; i++) {
			const char *action = strcmp(db_text(r, i, "state"), "open") == 0 ? "upload.expired" : NULL;
			st = resumable_remove(db, a, config->evidence_dir, &job_actor, action, db_text(r, i, "id"));
			removed += st == ST_OK;
		}
	}
	if (removed > 0)
		log_info("upload_expiry", "removed=%d", removed);
	return st;
}

/* ---- applications whose time has come ---- */

/* Both queries judge some applications at a time, in the order of their ids after $2: most that are asked about are kept, and a batch of
 * thousands of cards takes its time. due: its time has come. */
#define JUDGED "50"

/* Whose day can have come: those of registrations that ended two years ago, those that were refused, and two kinds that neither begin nor
 * end a registration: a changed status goes with the registration of its card, an opening when nobody is an admin by it. Each is judged by
 * the function, and again under its lock. */
static const char OVERDUE[] =
	"SELECT y.id, k.reason IN ('ended', 'refused') AND k.until < now() AS due FROM (SELECT a.id FROM (SELECT from_application_id AS id FROM registration WHERE ended_at < now() - interval '2 years'"
	" UNION SELECT until_application_id FROM registration WHERE ended_at < now() - interval '2 years' AND until_application_id IS NOT NULL"
	" UNION SELECT application_id FROM application_card WHERE state IN ('refused', 'withdrawn') AND state_at < now() - make_interval(days => $1)"
	" UNION SELECT s.id FROM application s JOIN application_card c ON c.application_id = s.id"
	" JOIN registration g ON g.card_id = c.card_id AND g.ended_at < now() - interval '2 years'"
	" WHERE s.kind = 'vehicle_status' AND s.erased_at IS NULL AND s.submitted_at < now() - interval '2 years'"
	" UNION SELECT o.id FROM application o WHERE o.kind = 'opening' AND o.erased_at IS NULL AND o.submitted_at < now() - make_interval(days => $1)"
	" AND NOT EXISTS (SELECT FROM company_member m WHERE m.application_id = o.id AND m.state <> 'removed')) x"
	" JOIN application a ON a.id = x.id AND a.submitted_at IS NOT NULL AND a.erased_at IS NULL WHERE a.id > $2 ORDER BY a.id LIMIT " JUDGED ") y"
	" CROSS JOIN LATERAL application_retention(y.id, $1) k ORDER BY y.id";

/* Portraits that a decision still needed when the consent was withdrawn, and that was a refusal. */
static const char WITHDRAWN[] =
	"SELECT y.id, k.reason = 'refused' AS due FROM (SELECT DISTINCT e.application_id AS id FROM consent c JOIN agreement_text t ON t.id = c.agreement_text_id AND t.kind = 'face'"
	" JOIN evidence e ON e.application_id = c.application_id AND e.purpose = 'portrait' AND e.deleted_at IS NULL"
	" WHERE c.withdrawn_at IS NOT NULL AND e.application_id > $2"
	" AND NOT EXISTS (SELECT FROM consent o JOIN agreement_text f ON f.id = o.agreement_text_id AND f.kind = 'face'"
	" WHERE o.application_id = c.application_id AND o.withdrawn_at IS NULL) ORDER BY 1 LIMIT " JUDGED ") y"
	" CROSS JOIN LATERAL application_retention(y.id, $1) k ORDER BY y.id";

/* One after another; one that fails is told and passed over. */
static enum status erase_all(struct db *db, struct arena *a, const struct config *config, const struct keys *keys, bool portraits)
{
	const char *after = "00000000-0000-0000-0000-000000000000";
	struct db_result *r;
	int total = 0;
	enum status st = ST_OK;
	while (after) {
		enum status found = db_query(db, a, &r, portraits ? WITHDRAWN : OVERDUE, DB_INT(config->refused_days), DB_TEXT(after));
		if (found != ST_OK)
			return found;
		after = db_rows(r) > 0 ? db_text(r, db_rows(r) - 1, "id") : NULL;
		for (int i = 0; i < db_rows(r); i++) {
			const struct erasure e = {.application_id = db_text(r, i, "id")};
			if (!db_bool(r, i, "due"))
				continue;
			enum status one = portraits ? erasure_withdraw_face(db, a, config, &job_actor, &e) : erasure_run(db, a, config, keys, &job_actor, &e);
			if (one == ST_OK)
				total++;
			else if (one != ST_DENIED && one != ST_NOT_FOUND) { /* those two: somebody changed it a moment ago */
				log_error("retention", "application=%s: %s", e.application_id, status_message());
				st = one;
			}
		}
	}
	if (total > 0)
		log_info("retention", "%s=%d", portraits ? "portraits" : "erased", total);
	return st;
}

enum status maintain_retention(struct db *db, struct arena *a, const struct config *config, const struct keys *keys)
{
	enum status erased = erase_all(db, a, config, keys, false), portraits = erase_all(db, a, config, keys, true);
	return erased == ST_OK ? portraits : erased;
}
