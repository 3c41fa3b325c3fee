/* Memory that lives as long as one request or one job: nothing is freed one by one.
 * Running out of memory ends the process (its parent starts another): no caller handles it. */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stdarg.h>
#include <stddef.h>

#include "base/status.h"

struct arena;

struct arena *arena_create(void);
/* Runs the cleanups (last first) and frees everything. NULL is allowed. */
void arena_destroy(struct arena *a);
/* As destroy followed by create, keeping one block for the next request. */
void arena_reset(struct arena *a);

/* Zeroed memory, aligned for any type. */
void *arena_alloc(struct arena *a, size_t size);
char *arena_strdup(struct arena *a, const char *text);              /* NULL gives NULL */
char *arena_strndup(struct arena *a, const char *text, size_t length);
void *arena_memdup(struct arena *a, const void *bytes, size_t length);
char *arena_printf(struct arena *a, const char *format, ...) PRINTF_LIKE(2, 3);
char *arena_vprintf(struct arena *a, const char *format, va_list args);

/* Calls release(object) when the arena is reset or destroyed: for PGresult, CURL, cJSON, files. */
void arena_cleanup(struct arena *a, void (*release)(void *), void *object);

#endif
