/* The XML inside an XLSX, which mutated zips do not reach (their checksums no longer fit): the sheet, and behind zero bytes the shared
 * texts, the workbook and its relationships; good ones stand in for those that are not given. */
#include <stddef.h>
#include <stdint.h>

#include "base/archive.h"
#include "table_check.h"

#define TYPES "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char package[] =
		"<Relationships><Relationship Id=\"r\" Type=\"" TYPES "officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>";
	struct {
		const char *name, *standing;
	} parts[] = {
		{"xl/s.xml", ""},
		{"xl/t.xml", "<sst><si><t>a</t></si></sst>"},
		{"xl/workbook.xml", "<workbook><sheets><sheet name=\"s\" r:id=\"s\"/></sheets></workbook>"},
		{"xl/_rels/workbook.xml.rels", "<Relationships><Relationship Id=\"s\" Type=\"" TYPES "worksheet\" Target=\"s.xml\"/>"
					       "<Relationship Id=\"t\" Type=\"" TYPES "sharedStrings\" Target=\"t.xml\"/></Relationships>"},
	};
	struct arena *a = arena_create();
	struct archive *z;
	struct bytes file;

	assert(archive_start(&z, a) == ST_OK);
	assert(archive_add(z, "_rels/.rels", (struct bytes){(const unsigned char *)package, sizeof package - 1}, false) == ST_OK);
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
		const uint8_t *zero = size > 0 ? memchr(data, 0, size) : NULL;
		size_t length = zero ? (size_t)(zero - data) : size;
		struct bytes content = {(const unsigned char *)parts[i].standing, strlen(parts[i].standing)};

		if (length > 0)
			content = (struct bytes){data, length};
		assert(archive_add(z, parts[i].name, content, false) == ST_OK);
		data += zero ? length + 1 : length;
		size -= zero ? length + 1 : length;
	}
	assert(archive_finish(z, a, &file) == ST_OK);
	check_table(a, file);
	arena_destroy(a);
	return 0;
}
