/* A zip archive, built in memory and never on disk: what goes into it may be personal. */
#ifndef BASE_ARCHIVE_H
#define BASE_ARCHIVE_H

#include <stdint.h>

#include "base/text.h"

struct archive;

/* Released with the arena. */
enum status archive_start(struct archive **out, struct arena *a) MUST_CHECK;
/* What is added from now on carries this time (Asia/Shanghai) instead of the present: the same entries then give the same bytes. */
void archive_date(struct archive *z, int64_t at);
/* name is UTF-8 with '/' between folders; content is borrowed until archive_finish. Pictures are stored as they are, text is packed. */
enum status archive_add(struct archive *z, const char *name, struct bytes content, bool pack) MUST_CHECK;
/* The bytes of the whole file, in the arena out_arena; the memory that it was built in is given back. Nothing can be added after it. */
enum status archive_finish(struct archive *z, struct arena *out_arena, struct bytes *out) MUST_CHECK;

#endif
