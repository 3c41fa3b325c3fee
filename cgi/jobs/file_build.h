/* Builds what is delivered: pictures and agreements of an application with their watermark, in a zip, under the carrier's cipher. In
 * memory and nowhere else, one file at a time: of the pictures, the zip and the encrypted zip each is at most delivery_max_mb. The same
 * row gives the same bytes as long as programs and fonts stay the same. */
#ifndef JOBS_FILE_BUILD_H
#define JOBS_FILE_BUILD_H

#include "base/config.h"
#include "db/db.h"
#include "store/t1_file.h"
#include "t1/profile.h"

struct file_builder;
/* For one process; keeps the pages of agreement texts. step (may be NULL) is called before each picture. Lives as long as a. */
struct file_builder *file_builder_create(struct arena *a, const struct config *config, const struct keys *keys, void (*step)(void *context),
					 void *context);

struct file_built {
	struct bytes bin;        /* f->iv in front if the cipher has one */
	const char *cause, *why; /* a key of queue_cause: it cannot be built, now or later; NULL */
};
/* key: the 16 bytes of the .bin's cipher. f->name is what the pictures are called ("KH_…"). Not ST_OK: try again. */
enum status file_build(struct file_builder *b, struct db *db, struct arena *a, const struct t1_file *f, enum t1_cipher cipher,
		       struct bytes key, struct file_built *out) MUST_CHECK;

#endif
