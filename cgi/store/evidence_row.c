/* The rows of evidence: which file is whose. Knows no folder but by the functions of evidence.c. */
#include "store/datakey.h"
#include "store/evidence.h"

enum status evidence_insert(struct db *db, struct arena *a, const struct evidence_row *row, const struct evidence_file *file, char **id)
{
	char *new_id = crypt_uuid(a);
	struct bytes sha256 = {file->sha256, sizeof(file->sha256)};
	enum status st = db_query(db, a, NULL,
				  "INSERT INTO evidence (id, application_id, role, purpose, sha256, size, media_type, storage_key, data_key_id, "
				  "retention_class, original_sha256, page_of, page) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
				  DB_TEXT(new_id), DB_TEXT(row->application_id), DB_TEXT(row->role), DB_TEXT(row->purpose), DB_BYTES(sha256),
				  DB_INT(file->size), DB_TEXT(row->media_type), DB_TEXT(file->storage_key), DB_TEXT(row->data_key_id),
				  DB_TEXT(row->retention_class), DB_BYTES(row->original_sha256), DB_TEXT(row->page_of),
				  row->page_of ? DB_INT(row->page) : DB_TEXT(NULL));
	if (st == ST_OK)
		*id = new_id;
	return st;
}

enum status evidence_load(struct db *db, struct arena *a, const struct keys *keys, const char *folder, const char *application_id,
			  const char *id, size_t max, struct bytes *out, char **media_type)
{
	struct db_result *r;
	struct crypt_key key;
	struct bytes content;
	unsigned char sha256[CRYPT_HASH_SIZE];
	enum status st = db_query(db, a, &r,
				  "SELECT storage_key, media_type, data_key_id, sha256 FROM evidence "
				  "WHERE id = $1 AND application_id = $2 AND deleted_at IS NULL",
				  DB_TEXT(id), DB_TEXT(application_id));
	if (st != ST_OK)
		return st;
	if (db_rows(r) == 0)
		return status_fail(ST_NOT_FOUND, "evidence does not exist or was deleted");
	if ((st = datakey_load(db, a, keys, db_text(r, 0, "data_key_id"), &key)) != ST_OK)
		return st;
	st = evidence_read(a, folder, db_text(r, 0, "storage_key"), &key, max, &content);
	crypt_wipe(&key, sizeof(key));
	if (st != ST_OK)
		return st;
	struct bytes wanted = db_bytes(r, 0, "sha256");
	crypt_sha256(sha256, content.data, content.length);
	if (wanted.length != sizeof(sha256) || !crypt_equal(wanted.data, sha256, sizeof(sha256)))
		return status_fail(ST_INVALID, "evidence: the content is not what its row says");
	*out = content;
	*media_type = arena_strdup(a, db_text(r, 0, "media_type"));
	return ST_OK;
}
