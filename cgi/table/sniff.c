/* Tells kinds of files apart by their bytes. Opens nothing. */
#include "table/sniff.h"

#include <string.h>

#define OLE_ENTRY 128   /* bytes of an entry of a compound file's folder, which begin at multiples of it */
#define OLE_NAME_MAX 32 /* letters of a name in it, UTF-16LE */
#define MARKUP_LOOK 65536

static bool begins(struct bytes file, const char *with, size_t length)
{
	return file.length >= length && memcmp(file.data, with, length) == 0;
}

/* Whether a compound file (OLE) has a stream of that name in its folder. */
static bool has_stream(struct bytes file, const char *name)
{
	unsigned char wide[2 * OLE_NAME_MAX] = {0};
	size_t length = 2 * (strlen(name) + 1);

	for (size_t i = 0; name[i]; i++)
		wide[2 * i] = (unsigned char)name[i];
	for (size_t at = 512; at + OLE_ENTRY <= file.length; at += OLE_ENTRY)
		if (memcmp(file.data + at, wide, length) == 0)
			return true;
	return false;
}

static enum table_problem sniff_compound(struct bytes file)
{
	if (has_stream(file, "EncryptedPackage"))
		return TABLE_PASSWORD;
	return has_stream(file, "Workbook") || has_stream(file, "Book") ? TABLE_OLD_XLS : TABLE_NOT_A_TABLE;
}

/* Programs write web pages, or the XML of 2003, and name them .xls; spreadsheets open them. */
static enum table_problem sniff_markup(struct bytes file)
{
	static const char *const signs[] = {"urn:schemas-microsoft-com:office", "<table", "<TABLE"};
	size_t length = file.length < MARKUP_LOOK ? file.length : MARKUP_LOOK;

	for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
		if (memmem(file.data, length, signs[i], strlen(signs[i])))
			return TABLE_OTHER_FORMAT;
	return TABLE_NOT_A_TABLE;
}

enum table_problem table_sniff(struct bytes file, enum table_kind *out)
{
	size_t at = begins(file, "\xef\xbb\xbf", 3) ? 3 : 0;

	while (at < file.length && strchr(" \t\r\n", file.data[at]) && file.data[at])
		at++;
	if (at == file.length)
		return TABLE_EMPTY;
	*out = begins(file, "PK", 2) && file.length > 4 && file.data[2] < 9 ? TABLE_XLSX : TABLE_CSV;
	if (begins(file, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 8))
		return sniff_compound(file);
	if (file.data[at] == '<')
		return sniff_markup(file);
	if (begins(file, "%PDF", 4) || begins(file, "{\\rtf", 5))
		return TABLE_NOT_A_TABLE;
	return TABLE_GOOD;
}
