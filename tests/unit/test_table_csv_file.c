/* Reading uploaded CSV files: encodings, separators, what spreadsheets do to numbers, bounds, files that are no tables. */
#include <iconv.h>
#include <stdlib.h>

#include "table_rows.h"
#include "test.h"

static const char *read_bytes(const char *text, size_t length)
{
	return read_file((struct bytes){(const unsigned char *)text, length});
}

#define READ(text) read_bytes(text, sizeof(text) - 1)

static const char *read_as(const char *encoding, const char *mark, size_t mark_length, char *utf8)
{
	iconv_t conversion = iconv_open(encoding, "UTF-8");
	char *out = arena_alloc(a, 4096), *to = out + mark_length;
	size_t left = strlen(utf8), room = 4096 - mark_length;

	memcpy(out, mark, mark_length);
	CHECK(iconv(conversion, &utf8, &left, &to, &room) == 0);
	iconv_close(conversion);
	return read_bytes(out, (size_t)(to - out));
}

static void test_table_csv_encodings(void)
{
	static const char wanted[] = "1:车架号|备注;2:LTEST0A12RA000001|测试;";
	char text[] = "车架号,备注\r\nLTEST0A12RA000001,测试\r\n", rare[] = "姓名,号\n\xf0\xa0\xae\xb7,1\n";

	CHECK_TEXT(read_bytes(text, strlen(text)), wanted);
	CHECK_TEXT(about->encoding, "UTF-8");
	CHECK(about->kind == TABLE_CSV && about->separator == ',' && about->problem == TABLE_GOOD && about->rows == 2);
	CHECK_TEXT(READ("\xef\xbb\xbf车架号,备注\n"), "1:车架号|备注;");
	CHECK_TEXT(read_as("GBK", "", 0, text), wanted);
	CHECK_TEXT(about->encoding, "GB18030");
	CHECK_TEXT(read_as("GB18030", "", 0, rare), "1:姓名|号;2:\xf0\xa0\xae\xb7|1;");
	CHECK_TEXT(read_as("UTF-16LE", "\xff\xfe", 2, text), wanted);
	CHECK_TEXT(about->encoding, "UTF-16LE");
	CHECK_TEXT(read_as("UTF-16BE", "\xfe\xff", 2, text), wanted);
	CHECK_TEXT(about->encoding, "UTF-16BE");
}

/* A long file in GBK: characters that stand across the borders of blocks. */
static void test_table_csv_long_gbk(void)
{
	struct buffer b;
	struct table *t;
	struct table_row row;
	int rows = 0;

	buffer_init(&b, a, 1 << 20);
	buffer_text(&b, "\xb3\xb5\xbc\xdc\xba\xc5\n");
	for (int i = 0; i < 20000; i++)
		buffer_printf(&b, "%.*s\xb3\xb5\xbc\xdc\n", i % 7, "1234567");
	t = table_open(a, (struct bytes){(unsigned char *)b.data, b.length}, (struct table_limits){5 << 20, 20000});
	while (table_next(t, &row))
		CHECK(++rows == 1 || text_equal(strstr(row.cells[0].text, "车"), "车架"));
	CHECK(rows == 20001 && table_about(t)->problem == TABLE_GOOD);
}

static void test_table_csv_separators(void)
{
	CHECK_TEXT(READ("车架号;备注\n1;\"a;b\"\n"), "1:车架号|备注;2:1|a;b;");
	CHECK(about->separator == ';');
	CHECK_TEXT(READ("a\tb\tc,d\n1\t2\t3\n"), "1:a|b|c,d;2:1|2|3;");
	CHECK(about->separator == '\t');
	CHECK_TEXT(READ("\"a;b;c\",d\n"), "1:a;b;c|d;");
	CHECK_TEXT(READ("车架号\n1\n"), "1:车架号;2:1;");
}

static void test_table_csv_row_numbers_and_blank_rows(void)
{
	CHECK_TEXT(READ("\n,,\na,b\n\n \t,\xe3\x80\x80\n1,\n"), "3:a|b;6:1;");
	CHECK(about->rows == 2);
	CHECK_TEXT(READ("a\n\"x\ny\"\nz\n"), "1:a;2:x\ny;3:z;");
}

static void test_table_csv_numbers_that_a_spreadsheet_broke(void)
{
	CHECK_TEXT(READ("n\n8.98601E+19\n8.98601e+19 \n1E+5x\n12E5\n898604E1000000000019\n"),
		   "1:n;2:8.98601E+19{2};3:8.98601e+19 {2};4:1E+5x;5:12E5;6:898604E1000000000019;");
	CHECK(about->rounded_cells == 2);
	CHECK_TEXT(READ("n\n89860012345678900000\n89860012345678900001\n1440000000000\n110101199003000000 \n"),
		   "1:n;2:89860012345678900000{4};3:89860012345678900001;4:1440000000000;5:110101199003000000 {4};");
}

static void test_table_csv_signs_of_text_are_not_meant(void)
{
	CHECK_TEXT(READ("n,m\n=\"89860012345678900001\",x\n\"=\"\"0012\"\"\",'0012\n'=1+1,'abc\n"),
		   "1:n|m;2:89860012345678900001|x;3:0012|0012;4:=1+1|'abc;");
}

static void test_table_csv_bad_rows_do_not_stop_it(void)
{
	char wide[1024] = "a\n";

	CHECK_TEXT(READ("a,b\n\"x\"y,1\nok,2\n\"open\n"), "1:a|b;2!1;3:ok|2;4!2;");
	CHECK(about->problem == TABLE_GOOD);
	memset(wide + 2, ',', 300);
	strcpy(wide + 302, "x\nok\n");
	CHECK_TEXT(read_bytes(wide, strlen(wide)), "1:a;2!3;3:ok;");
}

static void test_table_csv_long_cells_are_cut_between_characters(void)
{
	struct buffer b;
	const char *cell;

	buffer_init(&b, a, 1 << 16);
	for (int i = 0; i < 400; i++)
		buffer_text(&b, "车");
	buffer_text(&b, ",ok\n");
	cell = read_bytes(b.data, b.length);
	CHECK(strlen(cell) == strlen("1:{64}|ok;") + 999 && text_is_utf8(cell, strlen(cell)));
	CHECK(strstr(cell, "车{64}|ok;"));
}

static void test_table_csv_rows_are_counted(void)
{
	rows_max = 2;
	CHECK_TEXT(READ("h\n1\n2\n"), "1:h;2:1;3:2;");
	CHECK(about->problem == TABLE_GOOD);
	CHECK_TEXT(READ("h\n1\n\n2\n3\n4\n"), "1:h;2:1;4:2;");
	CHECK(about->problem == TABLE_TOO_MANY_ROWS && about->rows == 4);
	rows_max = 100;
}

static enum table_problem problem_of(const char *bytes, size_t length)
{
	read_bytes(bytes, length);
	return about->problem;
}
#define PROBLEM(text) problem_of(text, sizeof(text) - 1)

static void test_table_files_that_are_no_tables(void)
{
	static const char stream[] = "E\0n\0c\0r\0y\0p\0t\0e\0d\0P\0a\0c\0k\0a\0g\0e\0\0", book[] = "W\0o\0r\0k\0b\0o\0o\0k\0\0";
	char *large = arena_alloc(a, (5 << 20) + 1), ole[2048] = "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1";

	CHECK(PROBLEM("") == TABLE_EMPTY);
	CHECK(PROBLEM(" \r\n\t\n") == TABLE_EMPTY);
	CHECK(PROBLEM(",,,\n,\n") == TABLE_EMPTY);
	CHECK(PROBLEM("\xef\xbb\xbf") == TABLE_EMPTY);
	CHECK(PROBLEM("\x89PNG\r\n\x1a\n\0\0\0\rIHDR") == TABLE_NOT_A_TABLE);
	CHECK(PROBLEM("\xff\xd8\xff\xe0\0\x10JFIF\0") == TABLE_NOT_A_TABLE);
	CHECK(PROBLEM("%PDF-1.7\n1 0 obj") == TABLE_NOT_A_TABLE);
	CHECK(PROBLEM("{\\rtf1 a}") == TABLE_NOT_A_TABLE);
	CHECK(PROBLEM("a,b\n1\0,2\n") == TABLE_NOT_A_TABLE);
	CHECK(PROBLEM("a,b\n\xb3,\xff\xff\n") == TABLE_NOT_A_TABLE);
	CHECK(PROBLEM("\xef\xbb\xbf\xb3\xb5") == TABLE_NOT_A_TABLE);
	CHECK(PROBLEM("<!DOCTYPE html><html><p>x") == TABLE_NOT_A_TABLE);
	CHECK(PROBLEM("<html><table><tr><td>VIN") == TABLE_OTHER_FORMAT);
	CHECK(PROBLEM("<?xml version=\"1.0\"?><Workbook xmlns=\"urn:schemas-microsoft-com:office:spreadsheet\">") == TABLE_OTHER_FORMAT);
	CHECK(PROBLEM("PK\3\4 that is all") == TABLE_BROKEN);
	memset(large, 'x', (5 << 20) + 1);
	CHECK(problem_of(large, (5 << 20) + 1) == TABLE_TOO_LARGE);
	CHECK(problem_of(ole, sizeof ole) == TABLE_NOT_A_TABLE);
	memcpy(ole + 1024, book, sizeof book);
	CHECK(problem_of(ole, sizeof ole) == TABLE_OLD_XLS);
	memcpy(ole + 1152, stream, sizeof stream);
	CHECK(problem_of(ole, sizeof ole) == TABLE_PASSWORD);
}

int main(void)
{
	a = arena_create();
	RUN(test_table_csv_encodings);
	RUN(test_table_csv_long_gbk);
	RUN(test_table_csv_separators);
	RUN(test_table_csv_row_numbers_and_blank_rows);
	RUN(test_table_csv_numbers_that_a_spreadsheet_broke);
	RUN(test_table_csv_signs_of_text_are_not_meant);
	RUN(test_table_csv_bad_rows_do_not_stop_it);
	RUN(test_table_csv_long_cells_are_cut_between_characters);
	RUN(test_table_csv_rows_are_counted);
	RUN(test_table_files_that_are_no_tables);
	arena_destroy(a);
	return test_failures;
}
