/* Rows of t1_file: what is to be delivered to a carrier over SFTP and how far it is (sql/0022_delivery.sql makes them). Every change
 * of a worker names its claim of the job, and holds it for lease_s longer. */
#ifndef STORE_T1_FILE_H
#define STORE_T1_FILE_H

#include "store/audit.h"
#include "store/queue.h"

struct t1_file {
	const char *id, *connection_id, *card_id, *application_id, *source, *request_id, *code, *state, *iccid;
	const char *platform_id, *carrier_name, *profile; /* profile: JSON */
	bool erased;                                      /* the application is: there is nothing to send any more */
	int64_t created_at, due_at;
	/* empty until the file is prepared */
	const char *folder, *name; /* with a slash at its end; without ".bin" */
	struct bytes iv, sha256;
	int64_t size;
};

/* ST_NOT_FOUND. Arena. */
enum status t1_file_load(struct db *db, struct arena *a, const char *id, struct t1_file *out) MUST_CHECK;
/* Its bytes are known: folder, name, iv, sha256, size are written, before anything is sent. ST_CONFLICT (here and below): the job is
 * somebody else's. */
enum status t1_file_prepared(struct db *db, struct arena *a, const struct job *job, int lease_s, const struct t1_file *f) MUST_CHECK;
/* They are whole on the server, under the temporary name. */
enum status t1_file_uploaded(struct db *db, struct arena *a, const struct job *job, int lease_s) MUST_CHECK;
/* Delivered: with the audit row, and the job is done. A transaction of its own. */
enum status t1_file_done(struct db *db, struct arena *a, const struct actor *actor, const struct job *job,
			 const struct t1_file *f) MUST_CHECK;
/* Given up until an operator decides: cause is a key of queue_cause, the job becomes a dead letter. A transaction of its own. */
enum status t1_file_failed(struct db *db, struct arena *a, const struct job *job, const char *cause, const char *error) MUST_CHECK;

/* Files that nobody works on any more and that left something under a temporary name more than a day ago: one of them, of a connection
 * that has such; ST_NOT_FOUND. */
enum status t1_file_stale(struct db *db, struct arena *a, struct t1_file *out) MUST_CHECK;
/* It is removed; with again, it could not be: another day. */
enum status t1_file_swept(struct db *db, struct arena *a, const char *id, bool again) MUST_CHECK;

#endif
