/* Data keys and the columns they seal. A column is named with or without "_sealed": both give the same associated data. */
#include "store/datakey.h"

#include <string.h>

static char *column_identity(struct arena *a, const char *table, const char *column, const char *id)
{
	static const char suffix[] = "_sealed";
	size_t length = strlen(column), tail = sizeof(suffix) - 1;
	if (length > tail && strcmp(column + length - tail, suffix) == 0)
		length -= tail;
	return arena_printf(a, "%s|%.*s|%s", table, (int)length, column, id);
}

struct bytes datakey_make(struct arena *a, const struct keys *keys, struct crypt_key *out)
{
	const char *id = crypt_uuid(a);
	*out = (struct crypt_key){0};
	memcpy(out->id, id, strlen(id) + 1);
	crypt_random(out->key, sizeof(out->key));
	return crypt_seal(a, keys_current(&keys->master), column_identity(a, "data_key", "wrapped", id), out->key, sizeof(out->key));
}

enum status datakey_create(struct db *db, struct arena *a, const struct keys *keys, struct crypt_key *out)
{
	struct crypt_key key;
	struct bytes wrapped = datakey_make(a, keys, &key);
	enum status st = db_query(db, a, NULL, "INSERT INTO data_key (id, wrapped) VALUES ($1, $2)", DB_TEXT(key.id), DB_BYTES(wrapped));
	if (st == ST_OK)
		*out = key;
	crypt_wipe(&key, sizeof(key));
	return st;
}

/* The key of the ring that the header of a sealed value names. */
static enum status master_of(const struct crypt_key **out, struct arena *a, const struct keys *keys, struct bytes sealed)
{
	const char *id = crypt_sealed_key_id(a, sealed);
	if (!id)
		return status_fail(ST_INVALID, "not a sealed value");
	*out = keys_find(&keys->master, id);
	return *out ? ST_OK : status_fail(ST_INVALID, "sealed under the master key %s, which is not in the ring", id);
}

enum status datakey_unwrap(struct arena *a, const struct keys *keys, const char *id, struct bytes wrapped, struct crypt_key *out)
{
	struct bytes clear;
	const struct crypt_key *master;
	enum status st = master_of(&master, a, keys, wrapped);
	if (st != ST_OK)
		return st;
	if ((st = crypt_open(a, master, column_identity(a, "data_key", "wrapped", id), wrapped, &clear)) != ST_OK)
		return st;
	if (clear.length != CRYPT_KEY_SIZE || strlen(id) > CRYPT_KEY_ID_MAX)
		return status_fail(ST_INVALID, "data key of a wrong length");
	*out = (struct crypt_key){0};
	memcpy(out->id, id, strlen(id));
	memcpy(out->key, clear.data, CRYPT_KEY_SIZE);
	return ST_OK;
}

enum status datakey_load(struct db *db, struct arena *a, const struct keys *keys, const char *id, struct crypt_key *out)
{
	struct db_result *r;
	enum status st = db_query(db, a, &r, "SELECT id, wrapped FROM data_key WHERE id = $1 AND wrapped IS NOT NULL", DB_TEXT(id));
	if (st != ST_OK)
		return st;
	if (db_rows(r) == 0)
		return status_fail(ST_NOT_FOUND, "data key does not exist or was erased");
	return datakey_unwrap(a, keys, db_text(r, 0, "id"), db_bytes(r, 0, "wrapped"), out);
}

struct bytes sealed_text(struct arena *a, const struct crypt_key *key, const char *table, const char *column, const char *id, const char *text)
{
	if (!text)
		return (struct bytes){NULL, 0};
	return crypt_seal(a, key, column_identity(a, table, column, id), text, strlen(text));
}

enum status opened_text(struct arena *a, const struct crypt_key *key, const char *table, const char *column, const char *id,
			struct bytes sealed, char **out)
{
	struct bytes clear;
	if (!sealed.data) {
		*out = NULL;
		return ST_OK;
	}
	enum status st = crypt_open(a, key, column_identity(a, table, column, id), sealed, &clear);
	if (st == ST_OK)
		*out = arena_strndup(a, (const char *)clear.data, clear.length);
	return st;
}

enum status opened_columns(struct arena *a, const struct crypt_key *key, const char *table, const char *id, const struct db_result *r, int row,
			   const struct opened_column *columns, size_t count)
{
	enum status st = ST_OK;
	for (size_t i = 0; st == ST_OK && i < count; i++)
		st = opened_text(a, key, table, columns[i].column, id,
				 db_bytes(r, row, arena_printf(a, "%s_sealed", columns[i].column)), columns[i].out);
	return st;
}

struct bytes sealed_by_master(struct arena *a, const struct keys *keys, const char *table, const char *column, const char *id, const char *text)
{
	return sealed_text(a, keys_current(&keys->master), table, column, id, text);
}

enum status opened_by_master(struct arena *a, const struct keys *keys, const char *table, const char *column, const char *id,
			     struct bytes sealed, char **out)
{
	const struct crypt_key *master;
	if (!sealed.data) {
		*out = NULL;
		return ST_OK;
	}
	enum status st = master_of(&master, a, keys, sealed);
	return st == ST_OK ? opened_text(a, master, table, column, id, sealed, out) : st;
}
