/* Data keys: one per application (and per vehicle), wrapped by a master key. Sealed columns of one row. */
#ifndef STORE_DATAKEY_H
#define STORE_DATAKEY_H

#include "base/keys.h"
#include "db/db.h"

/* A new data key, inserted in the caller's transaction. */
enum status datakey_create(struct db *db, struct arena *a, const struct keys *keys, struct crypt_key *out) MUST_CHECK;
/* Unwraps the key with this id. ST_NOT_FOUND when it does not exist or was erased. */
enum status datakey_load(struct db *db, struct arena *a, const struct keys *keys, const char *id, struct crypt_key *out) MUST_CHECK;
/* For many rows at once: a new data key that is not written anywhere, with its id (in out) and column wrapped for the caller's insert;
 * and the key of a row that the caller has read. */
struct bytes datakey_make(struct arena *a, const struct keys *keys, struct crypt_key *out);
enum status datakey_unwrap(struct arena *a, const struct keys *keys, const char *id, struct bytes wrapped, struct crypt_key *out) MUST_CHECK;

/* Seals text for table.column of the row id. NULL text gives {NULL,0}, which DB_BYTES stores as NULL. */
struct bytes sealed_text(struct arena *a, const struct crypt_key *key, const char *table, const char *column, const char *id, const char *text);
/* The text again; *out is NULL when the value is NULL. */
enum status opened_text(struct arena *a, const struct crypt_key *key, const char *table, const char *column, const char *id,
                        struct bytes sealed, char **out) MUST_CHECK;
/* Several columns of one row of a result: each is read from "COLUMN_sealed" and was sealed for table.COLUMN of the row id. */
struct opened_column {
	const char *column;
	char **out;
};
enum status opened_columns(struct arena *a, const struct crypt_key *key, const char *table, const char *id, const struct db_result *r, int row,
			   const struct opened_column *columns, size_t count) MUST_CHECK;
#define OPENED_COLUMNS(a, key, table, id, r, row, ...) \
	opened_columns((a), (key), (table), (id), (r), (row), (const struct opened_column[]){__VA_ARGS__}, \
		       sizeof((const struct opened_column[]){__VA_ARGS__}) / sizeof(struct opened_column))
/* The same under a master key (any of the ring, by the id in the header). */
struct bytes sealed_by_master(struct arena *a, const struct keys *keys, const char *table, const char *column, const char *id, const char *text);
enum status opened_by_master(struct arena *a, const struct keys *keys, const char *table, const char *column, const char *id,
                             struct bytes sealed, char **out) MUST_CHECK;

#endif
