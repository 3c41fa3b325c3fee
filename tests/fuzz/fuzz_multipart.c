/* A multipart body with the boundary "b": what the sink is told and the result must not depend on how the body is cut. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/text.h"
#include "http/multipart.h"

#define FILE_LIMIT 64

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct record {
	struct buffer text;
	size_t file_bytes;
	bool in_file;
};

static enum status on_field(void *context, const char *name, const char *value, size_t length)
{
	struct record *rec = context;

	assert(strlen(name) <= MULTIPART_NAME_MAX && length <= MULTIPART_VALUE_MAX && strlen(value) == length);
	buffer_printf(&rec->text, "[%s=%s]", name, value);
	rec->in_file = false;
	return ST_OK;
}

static enum status on_start(void *context, const char *name, const char *filename)
{
	struct record *rec = context;

	rec->in_file = true;
	rec->file_bytes = 0;
	buffer_printf(&rec->text, "{%s,%s:", name, filename);
	return ST_OK;
}

static enum status on_data(void *context, const void *bytes, size_t length)
{
	struct record *rec = context;
	size_t room = FILE_LIMIT - rec->file_bytes, n = length < room ? length : room;

	assert(rec->in_file && length > 0);
	buffer_add(&rec->text, bytes, n);
	rec->file_bytes += n;
	if (length > room)
		rec->in_file = false; /* nothing more of this part may come */
	return length > room ? ST_LIMIT : ST_OK;
}

static enum status on_end(void *context)
{
	struct record *rec = context;

	assert(rec->in_file);
	rec->in_file = false;
	buffer_text(&rec->text, "}");
	return ST_OK;
}

/* Feeds the body in pieces whose sizes come from seed; 0: whole. */
static enum status run(struct arena *a, struct record *rec, const uint8_t *data, size_t size, uint32_t seed)
{
	const struct multipart_sink sink = {rec, on_field, on_start, on_data, on_end, NULL};
	struct multipart *m;
	enum status status;

	buffer_init(&rec->text, a, 1 << 22);
	status = multipart_start(&m, a, "multipart/form-data; boundary=b", &sink);
	assert(status == ST_OK);
	while (size && status == ST_OK) {
		size_t n = size;
		if (seed) {
			seed = seed * 1664525u + 1013904223u;
			n = 1 + (seed >> 16) % ((seed >> 8) % 4 ? 3 : 40);
			if (n > size)
				n = size;
		}
		status = multipart_feed(m, data, n);
		data += n;
		size -= n;
	}
	return status == ST_OK ? multipart_end(m) : status;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct arena *arena;
	struct record whole = {0}, cut = {0};
	uint32_t seed = (uint32_t)size * 2654435761u + 1;
	enum status status, other;

	if (!arena)
		arena = arena_create();
	for (size_t i = 0; i < size && i < 64; i++)
		seed = seed * 31 + data[i];
	status = run(arena, &whole, data, size, 0);
	for (int i = 0; i < 3; i++) {
		other = run(arena, &cut, data, size, (seed + (uint32_t)i) | 1);
		assert(other == status);
		assert(cut.text.length == whole.text.length && memcmp(cut.text.data, whole.text.data, whole.text.length) == 0);
	}
	arena_reset(arena);
	return 0;
}
