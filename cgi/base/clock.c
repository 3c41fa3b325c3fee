/* UTC seconds to days and back. The offset of Asia/Shanghai is a constant: no time zone data is read. */
#include "base/clock.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/text.h"

#define SHANGHAI_OFFSET (8 * 3600)

int64_t clock_now(void)
{
	return (int64_t)time(NULL);
}

int64_t clock_monotonic_ms(void)
{
	struct timespec ts;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

struct date clock_today(void)
{
	time_t t = time(NULL) + SHANGHAI_OFFSET;
	struct tm tm = {0};
	gmtime_r(&t, &tm);
	return (struct date){tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday};
}

static int days_in_month(int year, int month)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
	return days[month - 1] + (month == 2 && leap);
}

bool date_valid(struct date d)
{
	return d.year >= 1900 && d.year <= 2199 && d.month >= 1 && d.month <= 12 && d.day >= 1 && d.day <= days_in_month(d.year, d.month);
}

/* Reads least to most digits; the text behind them, NULL when there are too few. */
static const char *digits(const char *text, int least, int most, int *out)
{
	int count = 0, value = 0;
	for (; count < most && text[count] >= '0' && text[count] <= '9'; count++)
		value = value * 10 + (text[count] - '0');
	*out = value;
	return count >= least ? text + count : NULL;
}

static const char *literal(const char *text, const char *wanted)
{
	return text && text_prefix(text, wanted) ? text + strlen(wanted) : NULL;
}

static bool read_pattern(struct date *d, const char *text, const char *first, const char *second, const char *last)
{
	int least = first[0] ? 1 : 2;
	text = literal(digits(text, 4, 4, &d->year), first);
	text = text ? literal(digits(text, least, 2, &d->month), second) : NULL;
	text = text ? literal(digits(text, least, 2, &d->day), last) : NULL;
	return text && !text[0];
}

bool date_parse(struct date *out, const char *text)
{
	static const char *const patterns[][3] = {{"", "", ""}, {"-", "-", ""}, {".", ".", ""}, {"/", "/", ""}, {"年", "月", "日"}};
	struct date d = {0};
	if (!text)
		return false;
	for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++) {
		if (!read_pattern(&d, text, patterns[i][0], patterns[i][1], patterns[i][2]))
			continue;
		if (!date_valid(d))
			return false;
		*out = d;
		return true;
	}
	return false;
}

int date_compare(struct date a, struct date b)
{
	if (a.year != b.year)
		return a.year < b.year ? -1 : 1;
	if (a.month != b.month)
		return a.month < b.month ? -1 : 1;
	return a.day == b.day ? 0 : a.day < b.day ? -1 : 1;
}

int date_age(struct date born, struct date on)
{
	bool before_birthday = on.month < born.month || (on.month == born.month && on.day < born.day);
	return on.year - born.year - before_birthday;
}

char *date_iso(struct arena *a, struct date d)
{
	return arena_printf(a, "%04d-%02d-%02d", d.year, d.month, d.day);
}

char *date_compact(struct arena *a, struct date d)
{
	return arena_printf(a, "%04d%02d%02d", d.year, d.month, d.day);
}

static char *format_time(struct arena *a, int64_t t, int offset, const char *format)
{
	char text[64];
	struct tm tm = {0};
	time_t shifted = (time_t)(t + offset);
	/* seconds beyond the year 9999 come from broken data; they are shown as the year 0 instead of ending the process */
	if (shifted < -62135596800 || shifted > 253402300799 || !gmtime_r(&shifted, &tm))
		tm = (struct tm){.tm_year = -1900, .tm_mday = 1};
	size_t length = strftime(text, sizeof(text), format, &tm);
	return arena_strndup(a, text, length);
}

bool clock_t1_parse(int64_t *out, const char *text)
{
	char day[9];
	struct date d;
	int hour, minute, second;
	if (strlen(text) != 14 || strspn(text, "0123456789") != 14)
		return false;
	memcpy(day, text, 8);
	day[8] = '\0';
	(void)digits(text + 8, 2, 2, &hour);
	(void)digits(text + 10, 2, 2, &minute);
	(void)digits(text + 12, 2, 2, &second);
	if (!date_parse(&d, day) || hour > 23 || minute > 59 || second > 59)
		return false;
	struct tm tm = {
		.tm_year = d.year - 1900, .tm_mon = d.month - 1, .tm_mday = d.day, .tm_hour = hour, .tm_min = minute, .tm_sec = second};
	*out = (int64_t)timegm(&tm) - SHANGHAI_OFFSET;
	return true;
}

char *clock_t1(struct arena *a, int64_t t)
{
	return format_time(a, t, SHANGHAI_OFFSET, "%Y%m%d%H%M%S");
}

char *clock_day(struct arena *a, int64_t t)
{
	return format_time(a, t, SHANGHAI_OFFSET, "%Y%m%d");
}

char *clock_page(struct arena *a, int64_t t)
{
	return format_time(a, t, SHANGHAI_OFFSET, "%Y-%m-%d %H:%M");
}

char *clock_page_hour(struct arena *a, int64_t t)
{
	return format_time(a, t, SHANGHAI_OFFSET, "%H:%M");
}

char *clock_http(struct arena *a, int64_t t)
{
	return format_time(a, t, 0, "%a, %d %b %Y %H:%M:%S GMT");
}

char *clock_utc(struct arena *a, int64_t t)
{
	return format_time(a, t, 0, "%Y-%m-%dT%H:%M:%SZ");
}
