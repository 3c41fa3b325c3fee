/* SQL of resumable uploads; see resumable.h. */
#include "store/resumable.h"

#include <string.h>

#include "base/log.h"

enum status resumable_load(struct db *db, struct arena *a, const char *application_id, const char *id, struct resumable *out)
{
	struct db_result *r;
	enum status st = db_query(db, a, &r,
	                          "SELECT id, kind, state, cause, argument, metadata_sealed, length, received, pieces, expires_at <= now() AS expired,"
	                          " extract(epoch FROM expires_at)::bigint AS expires FROM upload WHERE id = $1 AND application_id = $2",
	                          DB_TEXT(id), DB_TEXT(application_id));

	if (st != ST_OK)
		return st;
	if (db_rows(r) == 0)
		return status_fail(ST_NOT_FOUND, "no such upload of this draft");
	*out = (struct resumable){
		.id = db_text(r, 0, "id"),
		.kind = db_text(r, 0, "kind"),
		.state = db_text(r, 0, "state"),
		.cause = db_text(r, 0, "cause"),
		.argument = db_text(r, 0, "argument"),
		.metadata_sealed = db_bytes(r, 0, "metadata_sealed"),
		.length = db_int(r, 0, "length"),
		.received = db_int(r, 0, "received"),
		.expires_at = db_int(r, 0, "expires"),
		.pieces = (int)db_int(r, 0, "pieces"),
		.expired = db_bool(r, 0, "expired"),
	};
	out->open = strcmp(out->state, "open") == 0;
	return ST_OK;
}

static enum status read_files(struct arena *a, const struct db_result *r, struct resumable_files *out)
{
	out->count = db_rows(r);
	out->storage_keys = arena_alloc(a, ((size_t)out->count + 1) * sizeof *out->storage_keys); /* room for one that has no row yet */
	for (int i = 0; i < out->count; i++)
		out->storage_keys[i] = db_text(r, i, "storage_key");
	return ST_OK;
}

enum status resumable_pieces(struct db *db, struct arena *a, const char *id, struct resumable_files *out)
{
	struct db_result *r;
	enum status st = db_query(db, a, &r, "SELECT storage_key FROM upload_piece WHERE upload_id = $1 ORDER BY starts_at", DB_TEXT(id));

	return st == ST_OK ? read_files(a, r, out) : st;
}

enum status resumable_create(struct db *db, struct arena *a, const struct actor *actor, const char *application_id, const struct resumable *wanted,
                             int64_t *expires_at, struct resumable_files *replaced)
{
	struct db_result *r;
	enum status st = db_query(db, a, &r, "SELECT id FROM upload WHERE application_id = $1 AND kind = $2 AND state = 'open' FOR UPDATE",
	                          DB_TEXT(application_id), DB_TEXT(wanted->kind));

	*replaced = (struct resumable_files){0};
	if (st == ST_OK && db_rows(r) == 1) {
		const char *old = db_text(r, 0, "id");

		st = resumable_pieces(db, a, old, replaced);
		if (st == ST_OK)
			st = db_query(db, a, NULL, "DELETE FROM upload WHERE id = $1", DB_TEXT(old));
	}
	if (st == ST_OK)
		st = db_query(db, a, &r,
		              "INSERT INTO upload (id, application_id, kind, length, metadata_sealed, expires_at)"
		              " SELECT $1, id, $3, $4, $5, least(now() + interval '24 hours', CASE WHEN submitted_at IS NULL THEN expires_at END) FROM application WHERE id = $2"
		              " RETURNING extract(epoch FROM expires_at)::bigint AS expires",
		              DB_TEXT(wanted->id), DB_TEXT(application_id), DB_TEXT(wanted->kind), DB_INT(wanted->length), DB_BYTES(wanted->metadata_sealed));
	if (st == ST_OK)
		*expires_at = db_int(r, 0, "expires");
	return st == ST_OK ? audit_write(db, a, actor, "upload.started", application_id, arena_printf(a, "upload:%s", wanted->id), "ok", NULL) : st;
}

enum status resumable_lock(struct db *db, struct arena *a, const char *id, bool *mine)
{
	struct db_result *r;
	enum status st = db_query(db, a, &r, "SELECT pg_try_advisory_lock(hashtext('upload'), hashtext($1)) AS mine", DB_TEXT(id));

	*mine = st == ST_OK && db_bool(r, 0, "mine");
	return st;
}

void resumable_unlock(struct db *db, struct arena *a, const char *id)
{
	if (db_query(db, a, NULL, "SELECT pg_advisory_unlock(hashtext('upload'), hashtext($1))", DB_TEXT(id)) != ST_OK)
		log_warn("upload", "unlock: %s", status_message());
}

enum status resumable_add(struct db *db, struct arena *a, const struct resumable *u, const struct evidence_file *piece)
{
	struct db_result *r;
	enum status st;

	if (u->pieces >= RESUMABLE_PIECES_MAX)
		return status_fail(ST_LIMIT, "an upload of more than %d pieces", RESUMABLE_PIECES_MAX);
	st = db_begin(db);
	if (st != ST_OK)
		return st;
	st = db_query(db, a, &r,
	              "UPDATE upload SET received = received + $3, pieces = pieces + 1 WHERE id = $1 AND received = $2 AND state = 'open' AND expires_at > now()",
	              DB_TEXT(u->id), DB_INT(u->received), DB_INT(piece->size));
	if (st == ST_OK && db_affected(r) != 1)
		st = status_fail(ST_CONFLICT, "the upload was changed by another request");
	if (st == ST_OK)
		st = db_query(db, a, NULL, "INSERT INTO upload_piece (upload_id, starts_at, storage_key) VALUES ($1, $2, $3)", DB_TEXT(u->id),
		              DB_INT(u->received), DB_TEXT(piece->storage_key));
	if (st == ST_OK)
		st = db_commit(db);
	if (st != ST_OK)
		db_rollback(db);
	return st;
}

enum status resumable_settle(struct db *db, struct arena *a, const struct resumable *u, const char *state, const char *cause, const char *argument)
{
	struct db_result *r;
	enum status st = db_query(db, a, &r,
	                          "UPDATE upload SET received = length, state = $3, cause = $4, argument = $5 WHERE id = $1 AND received = $2 AND state = 'open'",
	                          DB_TEXT(u->id), DB_INT(u->received), DB_TEXT(state), DB_TEXT(cause), DB_TEXT(argument));

	if (st == ST_OK && db_affected(r) != 1)
		st = status_fail(ST_CONFLICT, "the upload was changed by another request");
	return st;
}

static enum status delete_files(const char *folder, const struct resumable_files *files)
{
	enum status st = ST_OK;

	for (int i = 0; st == ST_OK && i < files->count; i++)
		st = evidence_delete(folder, files->storage_keys[i]);
	return st;
}

enum status resumable_clear(struct db *db, struct arena *a, const char *folder, const char *id)
{
	struct resumable_files files;
	enum status st = resumable_pieces(db, a, id, &files);

	if (st == ST_OK)
		st = delete_files(folder, &files);
	return st == ST_OK ? db_query(db, a, NULL, "DELETE FROM upload_piece WHERE upload_id = $1", DB_TEXT(id)) : st;
}

enum status resumable_remove(struct db *db, struct arena *a, const char *folder, const struct actor *actor, const char *action, const char *id)
{
	struct resumable_files files = {0};
	struct db_result *r, *gone;
	enum status st = db_begin(db);

	if (st != ST_OK)
		return st;
	/* The application first, as whoever keeps a file does: the audit wants its row too. */
	st = db_query(db, a, &r, "SELECT id FROM application WHERE id = (SELECT application_id FROM upload WHERE id = $1) FOR UPDATE", DB_TEXT(id));
	if (st == ST_OK && db_rows(r) == 1) {
		st = db_query(db, a, NULL, "SELECT FROM upload WHERE id = $1 FOR UPDATE", DB_TEXT(id));
		if (st == ST_OK)
			st = resumable_pieces(db, a, id, &files);
		if (st == ST_OK)
			st = db_query(db, a, &gone, "DELETE FROM upload WHERE id = $1", DB_TEXT(id));
		if (st == ST_OK && action && db_affected(gone) == 1)
			st = audit_write(db, a, actor, action, db_text(r, 0, "id"), arena_printf(a, "upload:%s", id), "ok", NULL);
	}
	if (st == ST_OK)
		st = db_commit(db);
	if (st != ST_OK) {
		db_rollback(db);
		return st;
	}
	return delete_files(folder, &files);
}

enum status resumable_remove_all(struct db *db, struct arena *a, const char *folder, const char *application_id, const char *kind)
{
	struct db_result *r;
	enum status st = db_query(db, a, &r, "SELECT id FROM upload WHERE application_id = $1 AND kind = coalesce($2, kind)", DB_TEXT(application_id), DB_TEXT(kind));

	for (int i = 0; st == ST_OK && i < db_rows(r); i++)
		st = resumable_remove(db, a, folder, NULL, NULL, db_text(r, i, "id"));
	return st;
}
