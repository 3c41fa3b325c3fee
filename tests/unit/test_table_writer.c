/* Tables to download and tables given back, read again with the reader; the columns of a table. */
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "table/back.h"
#include "table/columns.h"
#include "test.h"

static struct arena *a;
static const struct table_limits limits = {50 << 20, 20000};

static const char *read_file(struct bytes file)
{
	struct table *t = table_open(a, file, limits);
	struct buffer out;
	struct table_row row;

	buffer_init(&out, a, 1 << 20);
	while (table_next(t, &row)) {
		buffer_printf(&out, "%d:", row.number);
		for (int i = 0; i < row.count; i++)
			buffer_printf(&out, "%s%s", i ? "|" : "", row.cells[i].text);
		buffer_text(&out, ";");
	}
	CHECK(table_about(t)->problem == TABLE_GOOD);
	return out.data;
}

static const struct table_head heads[] = {{"车架号", 20}, {"结果", 0}};

static struct bytes write_one(enum table_kind kind, const char *one, const char *other)
{
	struct table_writer *w;
	struct bytes out = {0};
	const char *cells[] = {one, other};

	CHECK(table_write_begin(&w, a, kind, "结果", heads, 2) == ST_OK);
	CHECK(table_write_row(w, cells, 2) == ST_OK);
	CHECK(table_write_end(w, &out) == ST_OK);
	CHECK(out.data && out.data[out.length] == '\0');
	return out;
}

static void test_table_written_csv(void)
{
	CHECK_TEXT((const char *)write_one(TABLE_CSV, "LTEST0A12RA000001", "成功").data,
		   "\xef\xbb\xbf车架号,结果\r\nLTEST0A12RA000001,成功\r\n");
	CHECK_TEXT((const char *)write_one(TABLE_CSV, "a,\"b\"\nc", NULL).data, "\xef\xbb\xbf车架号,结果\r\n\"a,\"\"b\"\"\nc\",\r\n");
}

static void test_table_written_csv_runs_no_formula(void)
{
	static const char *const bad[] = {"=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "=\"a\"", "=cmd|'/C calc'!A0"};

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct bytes file = write_one(TABLE_CSV, "x", bad[i]);
		const char *cell = strstr((const char *)file.data, "x,") + 2;

		cell += *cell == '"';
		CHECK(*cell == '\'');
		CHECK_TEXT(read_file(file), arena_printf(a, "1:车架号|结果;2:x|%s;", bad[i]));
	}
	/* a carriage return does not hide what stands behind it */
	CHECK_TEXT((const char *)write_one(TABLE_CSV, "\r=1+1", "x\r=1").data, "\xef\xbb\xbf车架号,结果\r\n'=1+1,x=1\r\n");
}

static void test_table_written_xlsx(void)
{
	CHECK_TEXT(read_file(write_one(TABLE_XLSX, "89860012345678900001", "=1+1 <&> \"'")),
		   "1:车架号|结果;2:89860012345678900001|=1+1 <&> \"';");
	CHECK_TEXT(read_file(write_one(TABLE_XLSX, " a _x0041_ b\nc\x01", NULL)), "1:车架号|结果;2: a _x0041_ b\nc;");
	CHECK_TEXT(read_file(write_one(TABLE_XLSX, "\xff", "\xf0\xa0\xae\xb7")), "1:车架号|结果;2:?|\xf0\xa0\xae\xb7;");
	CHECK_TEXT(table_extension(TABLE_XLSX), ".xlsx");
	CHECK_TEXT(table_media_type(TABLE_CSV), "text/csv; charset=utf-8");
}

/* A writer that is not ended takes nothing with it. */
static void test_table_writer_given_up(void)
{
	struct arena *short_lived = arena_create();
	struct table_writer *w;

	CHECK(table_write_begin(&w, short_lived, TABLE_XLSX, "x", heads, 2) == ST_OK);
	CHECK(table_write_begin(&w, short_lived, TABLE_CSV, "x", heads, 2) == ST_OK);
	arena_destroy(short_lived);
}

/* Whether a table of many rows was written, or refused, when files may not grow beyond room bytes. */
static enum status write_many(enum table_kind kind, unsigned long room)
{
	int how;
	pid_t child = fork();

	if (child == 0) {
		const struct rlimit limit = {room, room};
		const char *cells[] = {"LTEST0A12RA000001", "成功"};
		struct table_writer *w;
		struct bytes out;
		enum status st;

		signal(SIGXFSZ, SIG_IGN);
		setrlimit(RLIMIT_FSIZE, &limit);
		st = table_write_begin(&w, a, kind, "x", heads, 2);
		for (int i = 0; i < 5000 && st == ST_OK; i++)
			st = table_write_row(w, cells, 2);
		_exit(st == ST_OK ? (int)table_write_end(w, &out) : (int)st);
	}
	return child > 0 && waitpid(child, &how, 0) == child && WIFEXITED(how) ? (enum status)WEXITSTATUS(how) : ST_MAX;
}

/* Half a file is never given for a whole one. */
static void test_table_writer_without_room(void)
{
	for (enum table_kind kind = TABLE_CSV; kind <= TABLE_XLSX; kind++) {
		CHECK(write_many(kind, 10 << 20) == ST_OK);
		CHECK(write_many(kind, 100 * 1024) == ST_ERROR);
		CHECK(write_many(kind, 0) == ST_ERROR);
	}
}

static void test_table_given_back(void)
{
	static const char text[] = "车辆清单\n\n备注,VIN,ICCID\n=1,LTEST0A12RA000001,8986\n\nx,BAD\ny,LTEST0A15SB000123\n";
	static const struct table_verdict verdicts[] = {{4, "通过", NULL}, {5, "?", "?"}, {6, "有误", "车架号应为 17 位"}, {9, "?", "?"}};
	static const char wanted[] = "1:车辆清单;3:备注|VIN|ICCID|校验结果|原因;4:=1|LTEST0A12RA000001|8986|通过;6:x|BAD||有误|车架号应为 "
				     "17 位;7:y|LTEST0A15SB000123;";
	struct bytes file = {(const unsigned char *)text, sizeof text - 1}, csv, xlsx;

	for (enum table_kind kind = TABLE_CSV; kind <= TABLE_XLSX; kind++) {
		struct bytes *back = kind == TABLE_CSV ? &csv : &xlsx;

		CHECK(table_write_back(a, file, limits, kind, 3, verdicts, 4, back) == ST_OK);
		CHECK(table_open(a, *back, limits) && table_about(table_open(a, *back, limits))->kind == kind);
	}
	/* blanks at the end of a row do not show */
	CHECK(strstr(read_file(csv), "7:y|LTEST0A15SB000123"));
	CHECK_TEXT(read_file(xlsx), wanted);
	CHECK_TEXT(read_file(csv), wanted);
	file = (struct bytes){(const unsigned char *)"%PDF", 4};
	CHECK(table_write_back(a, file, limits, TABLE_CSV, 1, NULL, 0, &csv) == ST_INVALID);
}

/* What fits of a table that is too long comes back. */
static void test_table_given_back_in_part(void)
{
	struct bytes file = {(const unsigned char *)"a\n1\n2\n3\n", 8}, back;

	CHECK(table_write_back(a, file, (struct table_limits){100, 2}, TABLE_CSV, 1, &(struct table_verdict){2, "通过", ""}, 1, &back) ==
	      ST_OK);
	CHECK_TEXT(read_file(back), "1:a|校验结果|原因;2:1|通过;3:2;");
}

static const struct table_wanted wanted[] = {
	{"车架号", "VIN|车辆识别代号|车架号VIN", true}, {"ICCID", "卡号", true}, {"发动机号", NULL, false}};

static struct table_match match(const char *header)
{
	struct bytes file = {(const unsigned char *)header, strlen(header)};
	struct table *t = table_open(a, file, limits);
	struct table_row row;
	struct table_match m;

	CHECK(table_next(t, &row));
	table_match_columns(a, wanted, 3, &row, &m);
	return m;
}

static void test_table_columns(void)
{
	struct table_match m = match("备注,iccid,ＶＩＮ\n");

	CHECK(m.complete && m.at[0] == 2 && m.at[1] == 1 && m.at[2] == -1);
	CHECK_TEXT(m.found, "备注、iccid、VIN");
	m = match("\" 车架号\n(VIN)\",卡 号（必填）,*发动机号*\n");
	CHECK(m.complete && m.at[0] == 0 && m.at[1] == 1 && m.at[2] == 2);
	m = match("车架号,备注\n");
	CHECK(!m.complete);
	CHECK_TEXT(m.missing, "ICCID");
	m = match("VIN,车架号,卡号,发动机号,发动机号,发动机号\n");
	CHECK(!m.complete && m.at[0] == 0 && m.at[2] == 3);
	CHECK_TEXT(m.doubled, "车架号、发动机号");
	m = match("一二三四五六七八九十一二三四五六七八九十一二三,,b\n");
	CHECK_TEXT(m.found, "一二三四五六七八九十一二三四五六七八九十…、b");
	CHECK_TEXT(m.missing, "车架号、ICCID");
	m = match("1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22\n");
	CHECK(strstr(m.found, "、20……"));
}

static void test_table_columns_give_cells(void)
{
	struct table_match m = match("卡号,x,VIN\n");
	struct table_cell cells[] = {{"1", 0}, {"2", 0}};
	struct table_row row = {.count = 2, .cells = cells};

	CHECK_TEXT(table_match_cell(&m, 1, &row)->text, "1");
	CHECK_TEXT(table_match_cell(&m, 0, &row)->text, "");
	CHECK_TEXT(table_match_cell(&m, 2, &row)->text, "");
}

int main(void)
{
	a = arena_create();
	RUN(test_table_written_csv);
	RUN(test_table_written_csv_runs_no_formula);
	RUN(test_table_written_xlsx);
	RUN(test_table_writer_given_up);
	RUN(test_table_writer_without_room);
	RUN(test_table_given_back);
	RUN(test_table_given_back_in_part);
	RUN(test_table_columns);
	RUN(test_table_columns_give_cells);
	arena_destroy(a);
	return test_failures;
}
