/* Copies of evidence: see copying.h. */
#include "store/copying.h"

#include "store/datakey.h"
#include "store/evidence.h"

#define FILE_MAX ((size_t)64 << 20) /* far above what can be uploaded */

/* Row number row of what was read of the old evidence; page_of: the copy that it is a page of. */
static enum status copy_row(const struct copying *c, const struct db_result *r, int row, const char *page_of, char **id)
{
	struct evidence_file file;
	enum status st = evidence_copy(c->a, c->config->evidence_dir, db_text(r, row, "storage_key"), &c->from_key, &c->to_key, FILE_MAX, &file);

	if (st != ST_OK)
		return st;
	const struct evidence_row copy = {
		.application_id = c->to,
		.role = db_text(r, row, "role"),
		.purpose = db_text(r, row, "purpose"),
		.media_type = db_text(r, row, "media_type"),
		.retention_class = db_text(r, row, "retention_class"),
		.data_key_id = c->to_key.id,
		.original_sha256 = db_bytes(r, row, "original_sha256"),
		.page_of = page_of,
		.page = (int)db_int(r, row, "page"),
	};
	return evidence_insert(c->db, c->a, &copy, &file, id);
}

enum status copying_evidence(const struct copying *c, const char *old_id, char **id)
{
	struct db_result *r;
	char *first = NULL, *page;
	enum status st;

	*id = NULL;
	if (!old_id)
		return ST_OK;
	/* the file itself, then its pages */
	st = db_query(c->db, c->a, &r,
		      "SELECT role, purpose, media_type, retention_class, storage_key, original_sha256, page FROM evidence"
		      " WHERE (id = $1 OR page_of = $1) AND application_id = $2 AND data_key_id = $3 AND deleted_at IS NULL ORDER BY page NULLS FIRST",
		      DB_TEXT(old_id), DB_TEXT(c->from), DB_TEXT(c->from_key.id));
	if (st != ST_OK || db_rows(r) == 0 || !db_is_null(r, 0, "page"))
		return st;
	st = copy_row(c, r, 0, NULL, &first);
	for (int i = 1; st == ST_OK && i < db_rows(r); i++)
		st = copy_row(c, r, i, first, &page);
	if (st == ST_NOT_FOUND && !first)
		return ST_OK;
	if (st == ST_OK)
		*id = first;
	return st;
}

enum status copying_reading(const struct copying *c, const char *old_evidence, const char *new_evidence)
{
	struct db_result *r;
	char *text, *id = crypt_uuid(c->a);
	enum status st = db_query(c->db, c->a, &r,
				  "SELECT id, fields_sealed FROM reading WHERE evidence_id = $1 AND application_id = $2 AND state = 'done'"
				  " ORDER BY created_at DESC LIMIT 1",
				  DB_TEXT(old_evidence), DB_TEXT(c->from));

	if (st != ST_OK || db_rows(r) == 0)
		return st;
	st = opened_text(c->a, &c->from_key, "reading", "fields", db_text(r, 0, "id"), db_bytes(r, 0, "fields_sealed"), &text);
	if (st != ST_OK)
		return st;
	return db_query(c->db, c->a, NULL,
			"INSERT INTO reading (id, application_id, evidence_id, side, state, provider, provider_request, fields_sealed, created_at, answered_at)"
			" SELECT $1, $2, $3, side, state, provider, provider_request, $4, created_at, answered_at FROM reading WHERE id = $5",
			DB_TEXT(id), DB_TEXT(c->to), DB_TEXT(new_evidence), DB_BYTES(sealed_text(c->a, &c->to_key, "reading", "fields", id, text)),
			DB_TEXT(db_text(r, 0, "id")));
}
