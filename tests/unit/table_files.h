/* XLSX files for tests of tables, put together part by part, so that anything can be wrong with them. */
#ifndef TESTS_UNIT_TABLE_FILES_H
#define TESTS_UNIT_TABLE_FILES_H

#include <stdlib.h>
#include <string.h>

#include "base/archive.h"

#define RELATION_TYPES "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
#define MAIN_SPACE "xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\""

struct part_text {
	const char *name, *text;
	size_t length; /* 0: of the text */
};

static struct bytes zip_parts(struct arena *arena, const struct part_text *parts)
{
	struct archive *z;
	struct bytes out = {0};

	if (archive_start(&z, arena) != ST_OK)
		abort();
	for (; parts->name; parts++) {
		struct bytes content = {(const unsigned char *)parts->text, parts->length ? parts->length : strlen(parts->text)};

		if (archive_add(z, parts->name, content, true) != ST_OK)
			abort();
	}
	if (archive_finish(z, arena, &out) != ST_OK)
		abort();
	return out;
}

#define PACKAGE_RELATIONS                                                                                                                  \
	{                                                                                                                                  \
		"_rels/.rels",                                                                                                             \
			"<Relationships><Relationship Id=\"rId1\" Type=\"" RELATION_TYPES                                                  \
			"officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>",                                                   \
			0                                                                                                                  \
	}
#define BOOK_RELATIONS                                                                                                                     \
	{                                                                                                                                  \
		"xl/_rels/workbook.xml.rels",                                                                                              \
			"<Relationships>"                                                                                                  \
			"<Relationship Id=\"rId1\" Type=\"" RELATION_TYPES "worksheet\" Target=\"worksheets/sheet1.xml\"/>"                \
			"<Relationship Id=\"rId2\" Type=\"" RELATION_TYPES "worksheet\" Target=\"/xl/worksheets/sheet2.xml\"/>"            \
			"<Relationship Id=\"rId3\" Type=\"" RELATION_TYPES "sharedStrings\" Target=\"sharedStrings.xml\"/>"                \
			"<Relationship Id=\"rId4\" Type=\"" RELATION_TYPES "chartsheet\" Target=\"chartsheets/sheet1.xml\"/>"              \
			"</Relationships>",                                                                                                \
			0                                                                                                                  \
	}
#define BOOK                                                                                                                               \
	{                                                                                                                                  \
		"xl/workbook.xml",                                                                                                         \
			"<workbook " MAIN_SPACE " xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\">"        \
			"<sheets><sheet name=\"车辆\" sheetId=\"1\" r:id=\"rId1\"/></sheets></workbook>",                                  \
			0                                                                                                                  \
	}

/* A workbook of one sheet: rows is what stands in <sheetData>, texts what stands in <sst>. */
static struct bytes xlsx_of(struct arena *arena, const char *rows, const char *texts)
{
	const struct part_text parts[] = {
		PACKAGE_RELATIONS,
		BOOK_RELATIONS,
		BOOK,
		{"xl/sharedStrings.xml", arena_printf(arena, "<?xml version=\"1.0\"?><sst " MAIN_SPACE ">%s</sst>", texts), 0},
		{"xl/worksheets/sheet1.xml",
		 arena_printf(arena, "<?xml version=\"1.0\"?><worksheet " MAIN_SPACE "><sheetData>%s</sheetData></worksheet>", rows), 0},
		{NULL, NULL, 0},
	};

	return zip_parts(arena, parts);
}

#endif
