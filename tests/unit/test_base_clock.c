/* Dates and the time formats. */
#include "base/clock.h"

#include "test.h"

static struct arena *a;

static void test_clock_formats(void)
{
	int64_t t = 1795263300; /* 2026-11-21 12:15:00 UTC */
	CHECK_TEXT(clock_utc(a, t), "2026-11-21T12:15:00Z");
	CHECK_TEXT(clock_http(a, t), "Sat, 21 Nov 2026 12:15:00 GMT");
	CHECK_TEXT(clock_page(a, t), "2026-11-21 20:15");
	CHECK_TEXT(clock_page_hour(a, t), "20:15");
	CHECK_TEXT(clock_t1(a, t), "20261121201500");
	static const char *const wrong[] = {"",
					    "20261121",
					    "20261121241500",
					    "20261121206000",
					    "20261121200060",
					    "20260230000000",
					    "2026112120150x",
					    "202611212015000"};
	int64_t back = 0;
	CHECK(clock_t1_parse(&back, "20261121201500") && back == t);
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
		CHECK(!clock_t1_parse(&back, wrong[i]));
	CHECK_TEXT(clock_day(a, t + 4 * 3600), "20261122"); /* past midnight in Shanghai, not in UTC */
	CHECK(strlen(clock_utc(a, INT64_MAX - 86400)) > 0);
	CHECK(strlen(clock_utc(a, INT64_MIN + 86400)) > 0);
}

static void test_clock_now(void)
{
	CHECK(clock_now() > 1700000000);
	int64_t one = clock_monotonic_ms();
	CHECK(clock_monotonic_ms() >= one);
	char *today = clock_day(a, clock_now());
	struct date d;
	CHECK(date_parse(&d, today));
	CHECK(date_compare(clock_today(), d) >= 0);
}

static void test_date_parse(void)
{
	static const char *const good[] = {"20240229",  "2024-02-29",    "2024.02.29",    "2024/2/29",
					   "2024-2-29", "2024年2月29日", "2024年02月29日"};
	static const char *const bad[] = {"",           "2024",        "2024022",     "202402290",  "2023-02-29",
					  "2024-13-01", "2024-00-10",  "2024-01-00",  "2024-01-32", "1899-12-31",
					  "2200-01-01", "2024-02-29 ", " 2024-02-29", "2024-02.29", "2024年2月29",
					  "24-02-29",   "2024-02-290", "长期",        "2024--2-9",  "+2024-02-29"};
	struct date d;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		d = (struct date){0};
		CHECK(date_parse(&d, good[i]));
		CHECK(d.year == 2024 && d.month == 2 && d.day == 29);
	}
	d = (struct date){1, 2, 3};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		CHECK(!date_parse(&d, bad[i]));
	CHECK(!date_parse(&d, NULL));
	CHECK(d.year == 1 && d.month == 2 && d.day == 3);
}

static void test_date_valid(void)
{
	CHECK(date_valid((struct date){2000, 2, 29}));
	CHECK(!date_valid((struct date){1900, 2, 29}));
	CHECK(!date_valid((struct date){2023, 4, 31}));
	CHECK(date_valid((struct date){2199, 12, 31}));
}

static void test_date_arithmetic(void)
{
	struct date born = {2000, 2, 29};
	CHECK(date_age(born, (struct date){2016, 2, 28}) == 15);
	CHECK(date_age(born, (struct date){2016, 2, 29}) == 16);
	CHECK(date_age(born, (struct date){2018, 2, 28}) == 17);
	CHECK(date_age(born, (struct date){2018, 3, 1}) == 18);
	CHECK(date_compare(born, born) == 0);
	CHECK(date_compare(born, (struct date){2000, 3, 1}) < 0);
	CHECK(date_compare((struct date){2001, 1, 1}, born) > 0);
	CHECK_TEXT(date_iso(a, born), "2000-02-29");
	CHECK_TEXT(date_compact(a, born), "20000229");
}

int main(void)
{
	a = arena_create();
	RUN(test_clock_formats);
	RUN(test_clock_now);
	RUN(test_date_parse);
	RUN(test_date_valid);
	RUN(test_date_arithmetic);
	arena_destroy(a);
	return test_failures;
}
