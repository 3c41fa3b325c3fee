/* The only user of libzip here. Knows names of parts that tell kinds of files apart, and bytes; no XML. */
#include "table/package.h"

#include <string.h>
#include <zip.h>

#define END_RECORD 22 /* bytes of a zip's last record without its comment */
#define END_LOOK (65535 + END_RECORD)
#define LOCATOR 20 /* the record of a large zip that stands before it and says where the next one is */
#define END_RECORD_LARGE 56

struct package {
	struct arena *a;
	zip_t *zip;
	size_t expanded; /* so far, of all parts */
};

struct part {
	struct package *package;
	zip_file_t *file; /* NULL once it is closed */
	size_t packed, expanded;
};

static uint64_t number_at(struct bytes file, size_t at, int bytes)
{
	uint64_t n = 0;

	while (bytes-- > 0)
		n = n << 8 | file.data[at + (size_t)bytes];
	return n;
}

static bool has_sign(struct bytes file, size_t at, const char *sign)
{
	return at + 4 <= file.length && memcmp(file.data + at, sign, 4) == 0;
}

/* How many entries the record at that place speaks of. */
static uint64_t entries_at(struct bytes file, size_t at)
{
	uint64_t entries = number_at(file, at + 10, 2), large;

	if (entries != 0xffff || at < LOCATOR || !has_sign(file, at - LOCATOR, "PK\6\7"))
		return entries;
	large = number_at(file, at - LOCATOR + 8, 8);
	if (large > file.length - END_RECORD || large + END_RECORD_LARGE > file.length || !has_sign(file, (size_t)large, "PK\6\6"))
		return entries;
	return number_at(file, (size_t)large + 32, 8);
}

/* Before libzip makes room for all of them. */
static bool has_too_many_parts(struct bytes file)
{
	size_t from = file.length > END_LOOK ? file.length - END_LOOK : 0;

	for (size_t at = from; at + END_RECORD <= file.length; at++)
		if (has_sign(file, at, "PK\5\6") && entries_at(file, at) > PACKAGE_PARTS_MAX)
			return true;
	return false;
}

static bool is_bomb(uint64_t packed, uint64_t expanded)
{
	return expanded > PACKAGE_RATIO_FROM && expanded / PACKAGE_RATIO_MAX > packed;
}

/* What the zip says of its parts, those that are never read too. */
static enum table_problem look_at_parts(struct package *p)
{
	zip_int64_t count = zip_get_num_entries(p->zip, 0);
	zip_stat_t info;

	if (count > PACKAGE_PARTS_MAX)
		return TABLE_TOO_LARGE;
	for (zip_int64_t i = 0; i < count; i++) {
		if (zip_stat_index(p->zip, (zip_uint64_t)i, 0, &info) != 0)
			return TABLE_BROKEN;
		if ((info.valid & ZIP_STAT_ENCRYPTION_METHOD) && info.encryption_method != ZIP_EM_NONE)
			return TABLE_PASSWORD;
		if ((info.valid & ZIP_STAT_SIZE) && (info.valid & ZIP_STAT_COMP_SIZE) && is_bomb(info.comp_size, info.size))
			return TABLE_BOMB;
	}
	return TABLE_GOOD;
}

static enum table_problem look_at_kind(struct package *p)
{
	static const char document[] = "application/vnd.oasis.opendocument.spreadsheet";
	char type[sizeof document];
	struct part *part;
	size_t got;
	bool is_ods;

	if (package_has(p, "xl/workbook.bin"))
		return TABLE_OTHER_FORMAT;
	if (package_has(p, "_rels/.rels"))
		return TABLE_GOOD;
	if (part_open(&part, p, "mimetype") != TABLE_GOOD)
		return TABLE_NOT_A_TABLE;
	is_ods = part_read(part, type, sizeof type, &got) == TABLE_GOOD && got >= sizeof document - 1 &&
		 memcmp(type, document, sizeof document - 1) == 0;
	part_close(part);
	return is_ods ? TABLE_OTHER_FORMAT : TABLE_NOT_A_TABLE;
}

static void release_package(void *object)
{
	zip_discard(((struct package *)object)->zip);
}

enum table_problem package_open(struct package **out, struct arena *a, struct bytes file)
{
	struct package *p = arena_alloc(a, sizeof *p);
	enum table_problem problem;
	zip_source_t *source;

	if (has_too_many_parts(file))
		return TABLE_TOO_LARGE;
	source = zip_source_buffer_create(file.data, file.length, 0, NULL);
	p->zip = source ? zip_open_from_source(source, ZIP_RDONLY, NULL) : NULL;
	if (!p->zip) {
		zip_source_free(source);
		return TABLE_BROKEN;
	}
	p->a = a;
	arena_cleanup(a, release_package, p);
	problem = look_at_parts(p);
	if (problem == TABLE_GOOD)
		problem = look_at_kind(p);
	*out = p;
	return problem;
}

static zip_int64_t locate(const struct package *p, const char *name)
{
	return zip_name_locate(p->zip, name, ZIP_FL_NOCASE);
}

bool package_has(const struct package *p, const char *name)
{
	return locate(p, name) >= 0;
}

static void release_part(void *object)
{
	part_close(object);
}

void part_close(struct part *part)
{
	if (part->file)
		zip_fclose(part->file);
	part->file = NULL;
}

enum table_problem part_open(struct part **out, struct package *p, const char *name)
{
	zip_int64_t at = locate(p, name);
	struct part *part;
	zip_stat_t info;

	if (at < 0 || zip_stat_index(p->zip, (zip_uint64_t)at, 0, &info) != 0 || !(info.valid & ZIP_STAT_COMP_SIZE) ||
	    !(info.valid & ZIP_STAT_COMP_METHOD))
		return TABLE_BROKEN;
	if (info.comp_method != ZIP_CM_STORE && info.comp_method != ZIP_CM_DEFLATE)
		return TABLE_BROKEN;
	if ((info.valid & ZIP_STAT_SIZE) && info.size > PACKAGE_EXPANDED_MAX)
		return TABLE_TOO_LARGE;
	part = arena_alloc(p->a, sizeof *part);
	part->package = p;
	part->packed = (size_t)info.comp_size;
	part->file = zip_fopen_index(p->zip, (zip_uint64_t)at, 0);
	if (!part->file)
		return TABLE_BROKEN;
	arena_cleanup(p->a, release_part, part);
	*out = part;
	return TABLE_GOOD;
}

enum table_problem part_read(struct part *part, void *out, size_t size, size_t *got)
{
	zip_int64_t n = part->file ? zip_fread(part->file, out, size) : -1;

	*got = 0;
	if (n < 0)
		return TABLE_BROKEN;
	part->expanded += (size_t)n;
	part->package->expanded += (size_t)n;
	if (is_bomb(part->packed, part->expanded))
		return TABLE_BOMB;
	if (part->package->expanded > PACKAGE_EXPANDED_MAX)
		return TABLE_TOO_LARGE;
	*got = (size_t)n;
	return TABLE_GOOD;
}
