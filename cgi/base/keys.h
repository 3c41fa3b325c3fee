/* The keys that an operator hands out as files: master keys (wrap data keys), look-up keys (keyed hashes), the code key.
 * A key file has one key a line, "id hexbytes"; the first line is the key in use, the others still open old values. */
#ifndef BASE_KEYS_H
#define BASE_KEYS_H

#include "base/crypt.h"

#define KEYS_MAX 8

struct key_ring {
	struct crypt_key keys[KEYS_MAX];
	int count;
};

struct keys {
	struct key_ring master; /* wrap data keys; seal values that belong to no application */
	struct key_ring lookup; /* keyed hashes: one key, for ever (config_keys) */
	struct key_ring code;   /* SMS codes, CSRF tokens */
};

/* ST_INVALID with file and line in the message. A file that others can read (mode & 077) is refused. */
enum status keys_load_ring(struct key_ring *out, const char *path) MUST_CHECK;
const struct crypt_key *keys_find(const struct key_ring *ring, const char *id); /* NULL when unknown */
static inline const struct crypt_key *keys_current(const struct key_ring *ring) { return &ring->keys[0]; }

#endif
