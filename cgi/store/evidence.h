/* The evidence store: immutable sealed files behind put, get, delete, stat by random id. Format of a file: "RNEV" | version 1 |
 * algorithm 1 (AES-256-GCM) | key id length | key id, then segments: nonce(12) | ciphertext of at most 256 KiB | tag(16). Associated
 * data of a segment: storage key | number (8 bytes) | last (1 byte), so that segments cannot be moved, dropped or cut off. */
#ifndef STORE_EVIDENCE_H
#define STORE_EVIDENCE_H

#include <stdint.h>

#include "base/keys.h"
#include "db/db.h"

#define EVIDENCE_SEGMENT (256 * 1024)

/* Writing: bytes arrive in pieces; one segment is in memory. The file has a temporary name until evidence_finish (fsync, rename,
 * fsync of the folder). Not finished: removed by the arena. ST_UNAVAILABLE when the store is full or away. */
struct evidence_writer;
enum status evidence_start(struct evidence_writer **out, struct arena *a, const char *folder, const struct crypt_key *key) MUST_CHECK;
enum status evidence_write(struct evidence_writer *w, const void *bytes, size_t length) MUST_CHECK;
struct evidence_file {
	char *storage_key;                 /* 43 characters, random */
	unsigned char sha256[CRYPT_HASH_SIZE]; /* of the clear bytes */
	int64_t size;
};
enum status evidence_finish(struct evidence_writer *w, struct evidence_file *out) MUST_CHECK;

/* The whole clear content (at most max bytes, else ST_LIMIT). ST_NOT_FOUND, ST_INVALID when it was tampered with. */
enum status evidence_read(struct arena *a, const char *folder, const char *storage_key, const struct crypt_key *key, size_t max, struct bytes *out) MUST_CHECK;
/* Hands on the clear content of several files one after the other, with one segment in memory; the first status of take that is not
 * ST_OK ends it. */
enum status evidence_join(struct arena *a, const char *folder, const char *const *storage_keys, int count, const struct crypt_key *key,
                          enum status (*take)(void *context, const void *bytes, size_t length), void *context) MUST_CHECK;
/* The same content in a file of its own under another key, segment by segment: one is in memory. The statuses of both sides. */
enum status evidence_copy(struct arena *a, const char *folder, const char *storage_key, const struct crypt_key *from, const struct crypt_key *to,
                          size_t max, struct evidence_file *out) MUST_CHECK;
/* ST_OK too when it is already gone. */
enum status evidence_delete(const char *folder, const char *storage_key) MUST_CHECK;
/* Whether the folder can be written to. */
bool evidence_well(const char *folder);

/* The row, in the caller's transaction, after evidence_finish. */
struct evidence_row {
	const char *application_id, *role, *purpose, *media_type, *retention_class, *data_key_id;
	struct bytes original_sha256;
	const char *page_of; /* the PDF that this picture is page number page of; NULL: it is no page */
	int page;
};
enum status evidence_insert(struct db *db, struct arena *a, const struct evidence_row *row, const struct evidence_file *file, char **id) MUST_CHECK;
/* Reads the evidence with this id if it belongs to the application; media type given. */
enum status evidence_load(struct db *db, struct arena *a, const struct keys *keys, const char *folder, const char *application_id,
                          const char *id, size_t max, struct bytes *out, char **media_type) MUST_CHECK;

#endif
