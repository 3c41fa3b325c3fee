/* Streaming reader of multipart/form-data (RFC 7578). Bounded: parts, names, header bytes, field values; file bytes go to a sink
 * as they arrive, so the memory used does not depend on the size of a file. No FCGX, no database: it has its own fuzz target. */
#ifndef HTTP_MULTIPART_H
#define HTTP_MULTIPART_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

#define MULTIPART_PARTS_MAX 20
#define MULTIPART_NAME_MAX 64
#define MULTIPART_HEADERS_MAX 4096
#define MULTIPART_VALUE_MAX 4096

/* Called as the body is read. Any status but ST_OK ends the reading and is returned; ST_LIMIT from file_data lets the rest of
 * that part be read and dropped (so that a browser gets the answer), and is returned at the end. field and file_start may be NULL:
 * fields are passed over, and every file is begun. */
struct multipart_sink {
	void *context;
	enum status (*field)(void *context, const char *name, const char *value, size_t length);
	enum status (*file_start)(void *context, const char *name, const char *filename);
	enum status (*file_data)(void *context, const void *bytes, size_t length);
	enum status (*file_end)(void *context);
	const char *long_field; /* a field of this name, which may be longer than MULTIPART_VALUE_MAX, is given like a file; NULL: none */
};

struct multipart;
/* content_type is the header's value. ST_INVALID when it has no usable boundary. */
enum status multipart_start(struct multipart **out, struct arena *a, const char *content_type, const struct multipart_sink *sink) MUST_CHECK;
enum status multipart_feed(struct multipart *m, const void *bytes, size_t length) MUST_CHECK;
/* ST_INVALID when the closing boundary is missing. */
enum status multipart_end(struct multipart *m) MUST_CHECK;

#endif
