/* Evidence of one application in another: each has a data key of its own, so files are copied segment by segment under the new key and
 * texts are sealed anew. In the caller's transaction. */
#ifndef STORE_COPYING_H
#define STORE_COPYING_H

#include "base/config.h"
#include "base/keys.h"
#include "db/db.h"

struct copying {
	struct db *db;
	struct arena *a;
	const struct config *config;
	const char *from, *to; /* applications */
	struct crypt_key from_key, to_key; /* wiped by who loaded them */
};

/* The file with its row, and its pages when it is a PDF; *id stays NULL when the file is gone. */
enum status copying_evidence(const struct copying *c, const char *old_id, char **id) MUST_CHECK;
/* The newest good reading of a picture. It keeps its time: it uses up no new try. */
enum status copying_reading(const struct copying *c, const char *old_evidence, const char *new_evidence) MUST_CHECK;

#endif
