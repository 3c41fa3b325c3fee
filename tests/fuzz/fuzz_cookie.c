/* A Cookie header (first line) and a target (the rest): never a crash; an accepted visit, path and cookie keep their shape. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "http/request_io.h"
#include "http/session.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct site site;
	static struct arena *arena;
	struct request r;
	struct request_memory m = {.method = "GET", .target = "/"};
	char *cookie, *line_end;

	if (!arena)
		arena = arena_create();
	cookie = arena_strndup(arena, size ? (const char *)data : "", size);
	line_end = strchr(cookie, '\n');
	if (line_end) {
		*line_end = '\0';
		m.target = line_end + 1;
	}
	m.cookie = cookie;
	if (request_begin_memory(&r, arena, &site, &m) == ST_OK) {
		assert(r.path[0] == '/' && text_is_utf8(r.path, strlen(r.path)));
		assert(!strstr(r.path, "/../") && !strpbrk(r.path, "\r\n\t"));
		assert(!request_query(&r, "a") || text_is_utf8(request_query(&r, "a"), strlen(request_query(&r, "a"))));
	}
	if (r.visit)
		assert(strlen(r.visit) == 43 && !strpbrk(r.visit, ";= \"\\"));
	if (request_cookie(&r, "a"))
		assert(!strchr(request_cookie(&r, "a"), ';'));
	arena_reset(arena);
	return 0;
}
