/* The only user of libzip. It knows names and bytes, not what they are. */
#include "base/archive.h"

#include <time.h>
#include <zip.h>

struct archive {
	bool dated;
	zip_uint16_t dos_time, dos_date;
	zip_t *zip;           /* NULL once it is closed */
	zip_source_t *memory; /* where it is built; kept beyond the archive */
};

static void release(void *object)
{
	struct archive *z = object;

	if (z->zip)
		zip_discard(z->zip);
	if (z->memory)
		zip_source_free(z->memory);
}

static enum status failed(const char *what, zip_error_t *error)
{
	return status_fail(ST_ERROR, "zip: %s: %s", what, zip_error_strerror(error));
}

enum status archive_start(struct archive **out, struct arena *a)
{
	struct archive *z = arena_alloc(a, sizeof *z);
	enum status st = ST_OK;
	zip_error_t error;

	zip_error_init(&error);
	z->memory = zip_source_buffer_create(NULL, 0, 0, &error);
	if (!z->memory) {
		st = failed("memory", &error);
		goto out;
	}
	arena_cleanup(a, release, z);
	zip_source_keep(z->memory); /* the archive takes one reference, the bytes are read through the other */
	z->zip = zip_open_from_source(z->memory, ZIP_TRUNCATE, &error);
	if (!z->zip) {
		zip_source_free(z->memory);
		st = failed("begin", &error);
		goto out;
	}
	*out = z;
out:
	zip_error_fini(&error);
	return st;
}

void archive_date(struct archive *z, int64_t at)
{
	time_t local = (time_t)(at + 8 * 3600);
	struct tm t;

	gmtime_r(&local, &t);
	z->dated = true;
	z->dos_time = (zip_uint16_t)(t.tm_hour << 11 | t.tm_min << 5 | t.tm_sec / 2);
	z->dos_date = (zip_uint16_t)((t.tm_year - 80) << 9 | (t.tm_mon + 1) << 5 | t.tm_mday);
}

enum status archive_add(struct archive *z, const char *name, struct bytes content, bool pack)
{
	zip_source_t *source = zip_source_buffer(z->zip, content.data, content.length, 0);
	zip_int64_t at;

	if (!source)
		return failed("content", zip_get_error(z->zip));
	at = zip_file_add(z->zip, name, source, ZIP_FL_ENC_UTF_8);
	if (at < 0) {
		zip_source_free(source);
		return failed("add", zip_get_error(z->zip));
	}
	if (z->dated && zip_file_set_dostime(z->zip, (zip_uint64_t)at, z->dos_time, z->dos_date, 0) != 0)
		return failed("time", zip_get_error(z->zip));
	if (zip_set_file_compression(z->zip, (zip_uint64_t)at, pack ? ZIP_CM_DEFLATE : ZIP_CM_STORE, 0) != 0)
		return failed("method", zip_get_error(z->zip));
	return ST_OK;
}

enum status archive_finish(struct archive *z, struct arena *out_arena, struct bytes *out)
{
	zip_stat_t info;
	unsigned char *bytes;
	zip_int64_t got;

	if (zip_close(z->zip) != 0)
		return failed("end", zip_get_error(z->zip));
	z->zip = NULL;
	if (zip_source_stat(z->memory, &info) != 0 || !(info.valid & ZIP_STAT_SIZE) || zip_source_open(z->memory) != 0)
		return failed("look", zip_source_error(z->memory));
	bytes = arena_alloc(out_arena, (size_t)info.size + 1);
	got = zip_source_read(z->memory, bytes, info.size);
	zip_source_close(z->memory);
	zip_source_free(z->memory);
	z->memory = NULL;
	if (got < 0 || (zip_uint64_t)got != info.size)
		return status_fail(ST_ERROR, "zip: read");
	*out = (struct bytes){bytes, (size_t)info.size};
	return ST_OK;
}
