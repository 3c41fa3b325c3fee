/* Inside the settings only: how a file with one secret is read. */
#ifndef BASE_CONFIG_SECRET_H
#define BASE_CONFIG_SECRET_H

#include "base/arena.h"

/* At most 4096 bytes; one trailing newline dropped. Arena. ST_NOT_FOUND when the file is not there. */
enum status config_read_secret(struct arena *a, const char *path, char **out) MUST_CHECK;

#endif
