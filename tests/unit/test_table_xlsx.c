/* Reading uploaded XLSX files: what cells and rows can be, which sheet, what programs write, and files that want to do harm. */
#include "table_files.h"
#include "table_rows.h"
#include "test.h"
#include "table/package.h"

static const char *read_rows(const char *rows)
{
	return read_file(xlsx_of(a, rows, "<si><t>车架号</t></si><si><t>two</t></si>"));
}

static enum table_problem problem_of(const char *rows)
{
	read_rows(rows);
	return about->problem;
}

static enum table_problem problem_of_file(struct bytes file)
{
	read_file(file);
	return about->problem;
}

static void test_table_xlsx_texts(void)
{
	CHECK_TEXT(
		read_rows("<row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c><c r=\"B1\" t=\"inlineStr\"><is><t>in &amp; line</t></is></c></row>"
			  "<row r=\"2\"><c r=\"A2\" t=\"str\"><f>\"x\"</f><v>calc</v></c><c r=\"B2\" t=\"s\"><v>1</v></c></row>"),
		"1:车架号|in & line;2:calc{8}|two;");
	CHECK(about->problem == TABLE_GOOD && about->kind == TABLE_XLSX && about->rows == 2 && about->formula_cells == 1);
	CHECK_TEXT(about->sheet, "车辆");
	CHECK_TEXT(read_file(xlsx_of(a, "<row><c t=\"s\"><v>0</v></c><c t=\"s\"><v>1</v></c></row>",
				     "<si><r><rPr><b/></rPr><t>车</t></r><r><t xml:space=\"preserve\"> 架</t></r>"
				     "<rPh sb=\"0\" eb=\"1\"><t>che</t></rPh><phoneticPr "
				     "fontId=\"1\"/></si><si><t>a_x000a_b_x0001__x4e2d__xZ</t></si>")),
		   "1:车 架|a\nb中_xZ;");
	CHECK_TEXT(read_rows("<row><c t=\"inlineStr\"><is><r><t>a</t></r><r><t>b</t></r><rPh><t>no</t></rPh></is></c></row>"), "1:ab;");
}

static void test_table_xlsx_numbers(void)
{
	CHECK_TEXT(read_rows("<row><c><v>1440000000001</v></c><c><v>1.4400000000010001E+12</v></c><c><v>0.1</v></"
			     "c><c><v>0.30000000000000004</v></c>"
			     "<c><v>44197</v></c><c><v>-7</v></c><c t=\"n\"><v>1.44E12</v></c></row>"),
		   "1:1440000000001{1}|1440000000001{1}|0.1{1}|0.3{1}|44197{1}|-7{1}|1440000000000{1};");
	CHECK_TEXT(read_rows("<row><c><v>8.9860012345678899E+19</v></c><c><v>89860012345678901234</v></c><c><v>1E+20</v></c></row>"),
		   "1:8.98600123456789E+19{3}|89860012345678901234{3}|1E+20{3};");
	CHECK(about->rounded_cells == 3);
	CHECK_TEXT(read_rows("<row><c t=\"str\"><v>8.98601E+19</v></c><c t=\"str\"><v>89860012345678900000</v></c></row>"),
		   "1:8.98601E+19{2}|89860012345678900000{4};");
	CHECK_TEXT(read_rows("<row><c><v>nan</v></c><c><v>1e999</v></c><c><v> 12</v></c></row>"), "1:nan{1}|1e999{1}|12{1};");
}

static void test_table_xlsx_other_values(void)
{
	CHECK_TEXT(read_rows("<row><c t=\"b\"><v>1</v></c><c t=\"b\"><v>0</v></c><c t=\"e\"><v>#N/A</v></c><c "
			     "t=\"d\"><v>2020-12-31</v></c></row>"),
		   "1:TRUE|FALSE|#N/A{32}|2020-12-31;");
	CHECK_TEXT(read_rows("<row><c><f>A1+1</f><v>5</v></c><c><f>NOW()</f></c><c t=\"str\"><f>T(A9)</f><v></v></c><c "
			     "t=\"e\"><f>1/0</f><v>#DIV/0!</v></c></row>"),
		   "1:5{9}|{24}|{8}|#DIV/0!{40};");
}

static void test_table_xlsx_sparse_and_blank_rows(void)
{
	CHECK_TEXT(read_rows("<row r=\"3\"><c r=\"B3\" t=\"str\"><v>b</v></c><c r=\"AB3\" t=\"str\"><v>z</v></c></row>"
			     "<row r=\"4\"><c r=\"A4\" s=\"1\"/><c r=\"B4\" t=\"str\"><v> </v></c></row>"
			     "<row r=\"1000000\"><c r=\"A1000000\"><v>1</v></c></row>"),
		   "3:|b||||||||||||||||||||||||||z;1000000:1{1};");
	CHECK_TEXT(read_rows("<row/><row><c/><c><v>1</v></c></row>"), "2:|1{1};");
}

static void test_table_xlsx_hidden_rows_and_merged_cells(void)
{
	CHECK_TEXT(read_rows("<row r=\"1\" hidden=\"1\"><c><v>1</v></c></row><row r=\"2\" hidden=\"true\"><c><v>2</v></c></row>"
			     "<row r=\"3\" hidden=\"0\"><c><v>3</v></c></row></sheetData><mergeCells><mergeCell ref=\"A1:A2\"/><mergeCell "
			     "ref=\"B1:B2\"/></mergeCells><sheetData>"),
		   "1h:1{1};2h:2{1};3:3{1};");
	CHECK(about->hidden_rows == 1 && about->merged == 2 && about->problem == TABLE_GOOD);
}

/* Those with text count, once each; spreadsheets hide thousands of empty ones. */
static void test_table_xlsx_hidden_columns(void)
{
	CHECK_TEXT(read_rows("</sheetData><cols><col min=\"1\" max=\"1\"/><col min=\"2\" max=\"16384\" hidden=\"1\"/><col min=\"0\" max=\"9\" "
			     "hidden=\"1\"/><col hidden=\"1\"/></cols><sheetData><row><c><v>1</v></c><c><v>2</v></c></row><row><c/><c><v>3</v></c></row>"),
		   "1:1{1}|2{1};2:|3{1};");
	CHECK(about->hidden_columns == 1 && about->hidden_rows == 0 && about->problem == TABLE_GOOD);
}

static void test_table_xlsx_prefixes(void)
{
	const struct part_text parts[] = {
		{"_rels/.rels",
		 "<p:Relationships xmlns:p=\"x\"><p:Relationship Id=\"a\" "
		 "Type=\"http://purl.oclc.org/ooxml/officeDocument/relationships/officeDocument\" "
		 "Target=\"/Book/main.xml\"/></p:Relationships>",
		 0},
		{"Book/_rels/main.xml.rels",
		 "<Relationships><Relationship Id=\"s\" Type=\"x/worksheet\" Target=\"./../Sheets/One.xml\"/></Relationships>", 0},
		{"book/Main.XML",
		 "<x:workbook xmlns:x=\"y\" xmlns:r=\"z\"><x:sheets><x:sheet name=\"S\" r:id=\"s\"/></x:sheets></x:workbook>", 0},
		{"Sheets/One.xml",
		 "<x:worksheet xmlns:x=\"y\"><x:sheetData><x:row><x:c><x:v>1</x:v></x:c></x:row></x:sheetData></x:worksheet>", 0},
		{NULL, NULL, 0},
	};

	CHECK_TEXT(read_file(zip_parts(a, parts)), "1:1{1};");
}

static struct bytes book_of(const char *sheets)
{
	const struct part_text parts[] = {
		PACKAGE_RELATIONS,
		BOOK_RELATIONS,
		{"xl/workbook.xml", arena_printf(a, "<workbook xmlns:r=\"r\"><sheets>%s</sheets></workbook>", sheets), 0},
		{"xl/worksheets/sheet1.xml", "<worksheet><sheetData><row><c><v>1</v></c></row></sheetData></worksheet>", 0},
		{"xl/worksheets/sheet2.xml", "<worksheet><sheetData><row><c><v>2</v></c></row></sheetData></worksheet>", 0},
		{NULL, NULL, 0},
	};

	return zip_parts(a, parts);
}

static void test_table_xlsx_first_visible_sheet(void)
{
	CHECK_TEXT(read_file(book_of("<sheet name=\"A\" r:id=\"rId1\"/><sheet name=\"B\" r:id=\"rId2\"/>")), "1:1{1};");
	CHECK(about->sheets == 2);
	CHECK_TEXT(read_file(book_of("<sheet name=\"A\" state=\"hidden\" r:id=\"rId1\"/><sheet name=\"B\" r:id=\"rId2\"/>")), "1:2{1};");
	CHECK_TEXT(about->sheet, "B");
	CHECK(about->sheets == 1);
	CHECK_TEXT(read_file(book_of("<sheet name=\"C\" r:id=\"rId4\"/><sheet name=\"B\" state=\"visible\" r:id=\"rId2\"/>")), "1:2{1};");
	CHECK(problem_of_file(book_of("<sheet name=\"A\" state=\"veryHidden\" r:id=\"rId1\"/>")) == TABLE_EMPTY);
}

static void test_table_xlsx_empty_and_too_many(void)
{
	CHECK(problem_of("") == TABLE_EMPTY);
	CHECK(problem_of("<row r=\"1\"><c s=\"1\"/></row>") == TABLE_EMPTY);
	rows_max = 1;
	CHECK_TEXT(read_rows("<row><c><v>1</v></c></row><row/><row><c><v>2</v></c></row><row><c><v>3</v></c></row>"), "1:1{1};3:2{1};");
	CHECK(about->problem == TABLE_TOO_MANY_ROWS && about->rows == 3);
	rows_max = 100;
}

static void test_table_xlsx_bounds_of_rows_and_cells(void)
{
	struct buffer b;
	unsigned long i;

	CHECK_TEXT(read_rows("<row><c r=\"GR1\"><v>1</v></c></row><row><c r=\"GS2\"><v>1</v></c></row><row><c r=\"GS3\" s=\"1\"/><c "
			     "r=\"A3\"><v>3</v></c></row>") +
			   201,
		   "1{1};2!3;3:3{1};");
	buffer_init(&b, a, 1 << 20);
	buffer_text(&b, "<row>");
	for (i = 0; i < 100; i++)
		buffer_printf(&b, "<c t=\"str\"><v>%0900lu</v></c>", i);
	buffer_text(&b, "</row><row><c><v>2</v></c></row>");
	CHECK_TEXT(read_rows(b.data), "1!4;2:2{1};");
	CHECK(strlen(read_file(xlsx_of(a, "<row><c t=\"s\"><v>0</v></c></row>", arena_printf(a, "<si><t>%02000d</t></si>", 1)))) ==
	      1000 + strlen("1:{64};"));
}

static void test_table_xlsx_broken(void)
{
	struct bytes good = xlsx_of(a, "<row><c><v>1</v></c></row>", "");
	struct bytes half = {arena_memdup(a, good.data, good.length), good.length};
	unsigned char *spoilt = arena_memdup(a, good.data, good.length);

	half.length /= 2;
	CHECK(problem_of_file(half) == TABLE_BROKEN);
	CHECK(problem_of_file(good) == TABLE_GOOD);
	for (size_t at = 40; at + 300 < good.length; at += 7) /* every part in turn, not the list at the end */
		spoilt[at] ^= 0x55;
	CHECK(problem_of_file((struct bytes){spoilt, good.length}) == TABLE_BROKEN);
	CHECK(problem_of("<row><c><v>1</v></c>") == TABLE_BROKEN);
	CHECK(problem_of("<row r=\"2\"><c><v>1</v></c></row><row r=\"2\"/>") == TABLE_BROKEN);
	CHECK(problem_of("<row r=\"1048577\"/>") == TABLE_BROKEN);
	CHECK(problem_of("<row r=\"-1\"/>") == TABLE_BROKEN);
	CHECK(problem_of("<row><c r=\"XFE1\"><v>1</v></c></row>") == TABLE_BROKEN);
	CHECK(problem_of("<row><c r=\"1A\"><v>1</v></c></row>") == TABLE_BROKEN);
	CHECK(problem_of("<row><c t=\"s\"><v>2</v></c></row>") == TABLE_BROKEN);
	CHECK(problem_of("<row><c t=\"s\"><v>-1</v></c></row>") == TABLE_BROKEN);
	CHECK(problem_of("<row><c t=\"s\"><v>99999999999999999999</v></c></row>") == TABLE_BROKEN);
}

static struct bytes with_sheet(const char *xml)
{
	const struct part_text parts[] = {PACKAGE_RELATIONS, BOOK_RELATIONS, BOOK, {"xl/worksheets/sheet1.xml", xml, 0}, {NULL, NULL, 0}};

	return zip_parts(a, parts);
}

/* What the file says must be refused for what it is, before it is expanded. */
static void test_table_xlsx_entities_are_refused(void)
{
	CHECK(problem_of_file(with_sheet("<!DOCTYPE x [<!ENTITY a \"1234567890\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\">"
					 "<!ENTITY c \"&b;&b;&b;&b;&b;&b;&b;&b;\">]>"
					 "<worksheet><sheetData><row><c><v>&c;</v></c></row></sheetData></worksheet>")) == TABLE_BROKEN);
	CHECK(problem_of_file(with_sheet(
		      "<!DOCTYPE x SYSTEM "
		      "\"file:///etc/passwd\"><worksheet><sheetData><row><c><v>1</v></c></row></sheetData></worksheet>")) == TABLE_BROKEN);
	CHECK(about->rows == 0);
}

static void test_table_xlsx_depth_and_long_tags(void)
{
	struct buffer b;

	buffer_init(&b, a, 8 << 20);
	buffer_text(&b, "<worksheet>");
	for (int i = 0; i < 100; i++)
		buffer_text(&b, "<x>");
	CHECK(problem_of_file(with_sheet(b.data)) == TABLE_BROKEN);
	buffer_init(&b, a, 8 << 20);
	buffer_text(&b, "<worksheet x=\"");
	for (unsigned long i = 0; i < 200000; i++)
		buffer_printf(&b, "%lx", i * 2654435761u);
	buffer_text(&b, "\"><sheetData><row><c><v>1</v></c></row></sheetData></worksheet>");
	CHECK(problem_of_file(with_sheet(b.data)) == TABLE_BROKEN);
}

/* A part that expands to a thousand times its size, as 1 GB from 1 MB. */
static struct bytes bomb_of(const char *name)
{
	size_t length = (size_t)16 << 20;
	char *zeros = calloc(1, length);
	const struct part_text parts[] = {PACKAGE_RELATIONS, BOOK_RELATIONS, BOOK, {name, zeros, length}, {NULL, NULL, 0}};
	struct bytes out = zip_parts(a, parts);

	free(zeros);
	return out;
}

static void test_table_xlsx_bombs(void)
{
	struct bytes bomb = bomb_of("xl/worksheets/sheet1.xml");
	unsigned char *lying = arena_memdup(a, bomb.data, bomb.length);

	CHECK(bomb.length < 100000);
	CHECK(problem_of_file(bomb) == TABLE_BOMB);
	CHECK(problem_of_file(bomb_of("xl/media/picture.png")) == TABLE_BOMB);
	/* one that says it is small */
	for (size_t at = 0; at + 4 < bomb.length; at++)
		if (memcmp(lying + at, "\0\0\0\1", 4) == 0)
			memcpy(lying + at, "\0\x10\0\0", 4);
	problem_of_file((struct bytes){lying, bomb.length});
	CHECK(about->problem != TABLE_GOOD && about->problem != TABLE_EMPTY);
}

static void test_table_xlsx_limits_of_the_zip(void)
{
	struct archive *z;
	struct bytes out;
	char *xml;
	size_t length = PACKAGE_EXPANDED_MAX + 1;

	CHECK(archive_start(&z, a) == ST_OK);
	for (int i = 0; i <= PACKAGE_PARTS_MAX; i++)
		CHECK(archive_add(z, arena_printf(a, "xl/media/%d.png", i), (struct bytes){(const unsigned char *)"x", 1}, false) == ST_OK);
	CHECK(archive_finish(z, a, &out) == ST_OK);
	CHECK(problem_of_file(out) == TABLE_TOO_LARGE);
	/* larger than is read, though it does not pack like a bomb */
	xml = malloc(length);
	for (size_t i = 0; i < length; i++)
		xml[i] = (char)(i % 64 ? 'a' : 'A' + (i * 2654435761u >> 20) % 26);
	{
		const struct part_text parts[] = {
			PACKAGE_RELATIONS, BOOK_RELATIONS, BOOK, {"xl/worksheets/sheet1.xml", xml, length}, {NULL, NULL, 0}};

		out = zip_parts(a, parts);
	}
	free(xml);
	CHECK(out.length < 5 << 20 && problem_of_file(out) == TABLE_TOO_LARGE);
}

/* More texts than are kept in memory. */
static void test_table_xlsx_texts_are_bounded(void)
{
	struct buffer b;

	buffer_init(&b, a, 64 << 20);
	for (unsigned i = 0; i < 20000; i++)
		buffer_printf(&b, "<si><t>%0900u</t></si>", i * 2654435761u);
	CHECK(problem_of_file(xlsx_of(a, "<row><c t=\"s\"><v>0</v></c></row>", b.data)) == TABLE_TOO_LARGE);
	buffer_init(&b, a, 64 << 20);
	for (unsigned i = 0; i <= 500000; i++)
		buffer_printf(&b, "<si><t>%x</t></si>", i * 2654435761u);
	CHECK(problem_of_file(xlsx_of(a, "<row><c t=\"s\"><v>0</v></c></row>", b.data)) == TABLE_TOO_LARGE);
}

static void test_table_xlsx_other_archives(void)
{
	const struct part_text plain[] = {{"readme.txt", "hello", 0}, {NULL, NULL, 0}};
	const struct part_text ods[] = {
		{"mimetype", "application/vnd.oasis.opendocument.spreadsheet", 0}, {"content.xml", "<x/>", 0}, {NULL, NULL, 0}};
	const struct part_text odt[] = {{"mimetype", "application/vnd.oasis.opendocument.text", 0}, {NULL, NULL, 0}};
	const struct part_text xlsb[] = {PACKAGE_RELATIONS, {"xl/workbook.bin", "x", 0}, {NULL, NULL, 0}};
	const struct part_text docx[] = {
		{"_rels/.rels",
		 "<Relationships><Relationship Id=\"r\" Type=\"x/officeDocument\" Target=\"word/document.xml\"/></Relationships>", 0},
		{"word/_rels/document.xml.rels",
		 "<Relationships><Relationship Id=\"r\" Type=\"x/styles\" Target=\"styles.xml\"/></Relationships>", 0},
		{"word/document.xml", "<document/>", 0},
		{NULL, NULL, 0},
	};

	CHECK(problem_of_file(zip_parts(a, plain)) == TABLE_NOT_A_TABLE);
	CHECK(problem_of_file(zip_parts(a, ods)) == TABLE_OTHER_FORMAT);
	CHECK(problem_of_file(zip_parts(a, odt)) == TABLE_NOT_A_TABLE);
	CHECK(problem_of_file(zip_parts(a, xlsb)) == TABLE_OTHER_FORMAT);
	CHECK(problem_of_file(zip_parts(a, docx)) == TABLE_NOT_A_TABLE);
}

int main(void)
{
	a = arena_create();
	RUN(test_table_xlsx_texts);
	RUN(test_table_xlsx_numbers);
	RUN(test_table_xlsx_other_values);
	RUN(test_table_xlsx_sparse_and_blank_rows);
	RUN(test_table_xlsx_hidden_rows_and_merged_cells);
	RUN(test_table_xlsx_hidden_columns);
	RUN(test_table_xlsx_prefixes);
	RUN(test_table_xlsx_first_visible_sheet);
	RUN(test_table_xlsx_empty_and_too_many);
	RUN(test_table_xlsx_bounds_of_rows_and_cells);
	RUN(test_table_xlsx_broken);
	RUN(test_table_xlsx_entities_are_refused);
	RUN(test_table_xlsx_depth_and_long_tags);
	RUN(test_table_xlsx_bombs);
	RUN(test_table_xlsx_limits_of_the_zip);
	RUN(test_table_xlsx_texts_are_bounded);
	RUN(test_table_xlsx_other_archives);
	arena_destroy(a);
	return test_failures;
}
