/* The zip that is built in memory, read back by the library. */
#include "test.h"

#include <stdlib.h>
#include <time.h>
#include <zip.h>

#include "base/archive.h"

static struct arena *a;

static char *content_of(zip_t *z, const char *name)
{
	zip_stat_t info;
	zip_file_t *f = zip_fopen(z, name, 0);
	char *text;

	if (!f || zip_stat(z, name, 0, &info) != 0)
		return NULL;
	text = arena_alloc(a, (size_t)info.size + 1);
	CHECK(zip_fread(f, text, info.size) == (zip_int64_t)info.size);
	zip_fclose(f);
	return text;
}

static void test_archive__holds_what_was_added(void)
{
	static const char text[] = "文字", big_end = 'z';
	const size_t size = 3u << 20;
	unsigned char *big = arena_alloc(a, size);
	struct archive *z;
	struct bytes bytes;
	zip_error_t error;
	zip_t *back;

	big[size - 1] = (unsigned char)big_end;
	CHECK(archive_start(&z, a) == ST_OK);
	CHECK(archive_add(z, "a/text.json", (struct bytes){(const unsigned char *)text, sizeof text - 1}, true) == ST_OK);
	CHECK(archive_add(z, "a/big.jpg", (struct bytes){big, size}, false) == ST_OK);
	CHECK(archive_finish(z, a, &bytes) == ST_OK);
	CHECK(bytes.length > size && bytes.length < size + 1000);
	zip_error_init(&error);
	back = zip_open_from_source(zip_source_buffer_create(bytes.data, bytes.length, 0, &error), ZIP_RDONLY, &error);
	CHECK(back != NULL);
	if (!back)
		return;
	CHECK(zip_get_num_entries(back, 0) == 2);
	CHECK_TEXT(content_of(back, "a/text.json"), text);
	CHECK(content_of(back, "a/big.jpg")[size - 1] == big_end);
	zip_discard(back);
}

static void test_archive__the_same_name_twice_is_an_error(void)
{
	struct archive *z;
	struct bytes text = {(const unsigned char *)"x", 1};

	CHECK(archive_start(&z, a) == ST_OK);
	CHECK(archive_add(z, "a", text, true) == ST_OK);
	CHECK(archive_add(z, "a", text, true) == ST_ERROR);
}

/* What is delivered is built again for each attempt, hours later and on another machine. */
static void test_archive__dated_entries_give_the_same_bytes(void)
{
	struct bytes text = {(const unsigned char *)"x", 1}, one, other;
	struct archive *z;
	zip_error_t error;
	zip_stat_t info;
	zip_t *back;

	for (int i = 0; i < 2; i++) {
		setenv("TZ", i ? "CST-8" : "EST5", 1);
		tzset();
		CHECK(archive_start(&z, a) == ST_OK);
		archive_date(z, 1795305601); /* 2026-11-22 08:00:01 */
		CHECK(archive_add(z, "a", text, false) == ST_OK);
		CHECK(archive_finish(z, a, i ? &other : &one) == ST_OK);
	}
	CHECK(one.length == other.length && memcmp(one.data, other.data, one.length) == 0);
	zip_error_init(&error);
	back = zip_open_from_source(zip_source_buffer_create(one.data, one.length, 0, &error), ZIP_RDONLY, &error);
	CHECK(back && zip_stat(back, "a", 0, &info) == 0);
	CHECK(back && info.mtime == 1795305600); /* read as local time; two seconds are one there */
	zip_discard(back);
}

int main(void)
{
	a = arena_create();
	RUN(test_archive__holds_what_was_added);
	RUN(test_archive__the_same_name_twice_is_an_error);
	RUN(test_archive__dated_entries_give_the_same_bytes);
	arena_destroy(a);
	return test_failures;
}
