/* Resumable uploads: rows of upload and their pieces in the evidence store. A piece is a sealed file of its own under the draft's
 * data key, written before its row; a file that a crash leaves behind has no row and is swept. It knows no protocol and no file kind. */
#ifndef STORE_RESUMABLE_H
#define STORE_RESUMABLE_H

#include "db/db.h"
#include "store/audit.h"
#include "store/evidence.h"

#define RESUMABLE_PIECES_MAX 1024 /* of one upload: tiny pieces would be a file each */

struct resumable {
	const char *id, *kind, *state, *cause, *argument;
	struct bytes metadata_sealed;
	int64_t length, received, expires_at; /* bytes, bytes, UTC seconds */
	int pieces;
	bool expired, open;
};

/* The files of an upload, in order. */
struct resumable_files {
	const char **storage_keys;
	int count;
};

/* The upload with this id if it belongs to the application. ST_NOT_FOUND. */
enum status resumable_load(struct db *db, struct arena *a, const char *application_id, const char *id, struct resumable *out) MUST_CHECK;
/* A new row with this id, in the caller's transaction under the draft's lock. It takes the place of an open upload of the same kind, whose
 * files the caller deletes after the commit. Runs out after a day, and with the draft. */
enum status resumable_create(struct db *db, struct arena *a, const struct actor *actor, const char *application_id, const struct resumable *wanted,
                             int64_t *expires_at, struct resumable_files *replaced) MUST_CHECK;
/* One request at a time works on an upload, also while a picture is decoded and no transaction is open. *mine false: another has it.
 * The lock goes with the connection at the latest. */
enum status resumable_lock(struct db *db, struct arena *a, const char *id, bool *mine) MUST_CHECK;
void resumable_unlock(struct db *db, struct arena *a, const char *id);
/* Counts a written piece, in a transaction of its own. ST_CONFLICT: the upload is no longer where it was when u was loaded;
 * ST_LIMIT: it has too many pieces. */
enum status resumable_add(struct db *db, struct arena *a, const struct resumable *u, const struct evidence_file *piece) MUST_CHECK;
/* All bytes are there and judged: state kept or refused (with its cause). In the caller's transaction. ST_CONFLICT as above. */
enum status resumable_settle(struct db *db, struct arena *a, const struct resumable *u, const char *state, const char *cause, const char *argument) MUST_CHECK;
/* The files that have rows. */
enum status resumable_pieces(struct db *db, struct arena *a, const char *id, struct resumable_files *out) MUST_CHECK;
/* Deletes the pieces of a settled upload: files first, then rows. */
enum status resumable_clear(struct db *db, struct arena *a, const char *folder, const char *id) MUST_CHECK;
/* Removes the upload with its pieces; action for the audit, NULL: none. ST_OK too when it is gone already. */
enum status resumable_remove(struct db *db, struct arena *a, const char *folder, const struct actor *actor, const char *action, const char *id) MUST_CHECK;
/* The same for all uploads of an application, or those of one kind (NULL: every kind), without a word of their own in the audit. */
enum status resumable_remove_all(struct db *db, struct arena *a, const char *folder, const char *application_id, const char *kind) MUST_CHECK;

#endif
