/* Reading small files that an operator wrote: settings, keys, secrets. */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include <stddef.h>

#include "base/arena.h"

/* Reads a regular file of at most limit bytes without NUL bytes; text in the arena, mode (may be NULL) its permission bits.
 * ST_NOT_FOUND when it is not there, ST_INVALID for everything else that is wrong. */
enum status file_read_text(struct arena *a, const char *path, size_t limit, char **out, unsigned *mode) MUST_CHECK;

/* A text that is another one as soon as the file is another one, or changed; "" when there is none. Arena. */
char *file_version(struct arena *a, const char *path);

#endif
