/* The CSV reader: quoting, line ends, line numbers, what is wrong, bounds. */
#include "table/csv.h"

#include <stdlib.h>

#include "test.h"

static struct arena *a;
static struct csv_form form;

/* Reads text; the rows as "line:field|field;" and "line!fault;". */
static const char *read_bytes(const char *text, size_t length)
{
	static char out[4096];
	FILE *memory = fmemopen(arena_memdup(a, text, length), length, "r");
	struct csv *csv = csv_start(a, memory, form);
	struct csv_row row;
	size_t n = 0;

	out[0] = '\0';
	while (csv_next(csv, &row)) {
		n += (size_t)snprintf(out + n, sizeof out - n, "%d%s", row.line, row.fault ? "!" : ":");
		if (row.fault)
			n += (size_t)snprintf(out + n, sizeof out - n, "%.30s", csv_fault_text(row.fault));
		for (int i = 0; i < row.count; i++)
			n += (size_t)snprintf(out + n, sizeof out - n, "%s%s", i ? "|" : "", row.field[i]);
		n += (size_t)snprintf(out + n, sizeof out - n, ";");
	}
	fclose(memory);
	return out;
}

#define READ(text) read_bytes(text, sizeof(text) - 1)

static void test_csv_plain_rows(void)
{
	CHECK_TEXT(READ("a,b\n1,2\n"), "1:a|b;2:1|2;");
	CHECK_TEXT(READ("a,b\r\n1,2\r\n"), "1:a|b;2:1|2;");
	CHECK_TEXT(READ("a,b\r1,"), "1:a|b;2:1|;");
	CHECK_TEXT(READ("\xef\xbb\xbf车架号,b"), "1:车架号|b;");
	CHECK_TEXT(READ("\n\na\n\n\nb\n"), "3:a;6:b;");
	CHECK_TEXT(READ(",\n"), "1:|;");
}

static void test_csv_quotes(void)
{
	CHECK_TEXT(READ("\"a,b\",\"say \"\"x\"\"\"\nc,\"\"\n"), "1:a,b|say \"x\";2:c|;");
	CHECK_TEXT(READ("\"two\r\nlines\",x\nnext"), "1:two\nlines|x;3:next;");
}

static void test_csv_faults_do_not_stop_the_reader(void)
{
	CHECK_TEXT(READ("a\"b,c\nok,1\n"), "1!a quote stands inside a field ;2:ok|1;");
	CHECK_TEXT(READ("\"a\"b,c\nok,1\n"), "1!text stands behind a closing q;2:ok|1;");
	CHECK_TEXT(READ("ok\n\"open,\nx\n"), "1:ok;2!a field in quotes does not end;");
	CHECK_TEXT(READ("a\0b\nok\n"), "1!the row holds a NUL byte;2:ok;");
	CHECK_TEXT(READ("\xb3\xb5\nok\n"), "1!the row is not UTF-8: save the;2:ok;");
	CHECK_TEXT(READ("\xef\xbbx\nok\n"), "1!the row is not UTF-8: save the;2:ok;");
}

/* As a spreadsheet counts: an empty line is a row, a line break inside quotes is not. */
static void test_csv_row_numbers(void)
{
	const char *text = "a\n\n\"two\nlines\"\nb\n";
	FILE *memory = fmemopen(arena_strdup(a, text), strlen(text), "r");
	struct csv *csv = csv_start(a, memory, form);
	struct csv_row row;

	CHECK(csv_next(csv, &row) && row.number == 1 && row.line == 1);
	CHECK(csv_next(csv, &row) && row.number == 3 && row.line == 3);
	CHECK(csv_next(csv, &row) && row.number == 4 && row.line == 5);
	CHECK(!csv_next(csv, &row));
	fclose(memory);
}

static void test_csv_other_forms(void)
{
	form = (struct csv_form){.separator = ';'};
	CHECK_TEXT(READ("a;b,c;\"d;e\"\n"), "1:a|b,c|d;e;");
	form = (struct csv_form){.separator = '\t', .quotes_loose = true};
	CHECK_TEXT(READ("=\"8986\"\tx\"y\n"), "1:=\"8986\"|x\"y;");
	CHECK_TEXT(READ("\"a\"b\nok\n"), "1!text stands behind a closing q;2:ok;");
	form = (struct csv_form){0};
}

static void test_csv_bounds(void)
{
	size_t length = CSV_ROW_MAX + 8;
	char *text = malloc(length);

	memset(text, 'x', length);
	memcpy(text + length - 4, "\nok\n", 4);
	CHECK_TEXT(read_bytes(text, length), "1!the row is longer than 65536 b;2:ok;");
	memset(text, ',', 200);
	memcpy(text + 200, "\nok\n", 4);
	CHECK_TEXT(read_bytes(text, 204), "1!the row has more than 200 colu;2:ok;");
	memset(text, ',', 199);
	text[199] = '\n';
	CHECK(strncmp(read_bytes(text, 200), "1:|", 3) == 0);
	free(text);
}

static void test_csv_folder_is_no_file(void)
{
	FILE *folder = fopen("/tmp", "r");
	struct csv *csv = csv_start(a, folder, (struct csv_form){0});
	struct csv_row row;

	CHECK(csv_next(csv, &row) && row.fault);
	CHECK(!csv_next(csv, &row));
	fclose(folder);
}

int main(void)
{
	a = arena_create();
	RUN(test_csv_plain_rows);
	RUN(test_csv_quotes);
	RUN(test_csv_faults_do_not_stop_the_reader);
	RUN(test_csv_row_numbers);
	RUN(test_csv_other_forms);
	RUN(test_csv_bounds);
	RUN(test_csv_folder_is_no_file);
	arena_destroy(a);
	return test_failures;
}
