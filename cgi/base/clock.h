/* Time. Inside: UTC seconds. On pages and in every T1 field: Asia/Shanghai (UTC+8, no summer time since 1991). */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"

struct date {
	int year, month, day;
};

int64_t clock_now(void);       /* seconds since 1970, UTC */
int64_t clock_monotonic_ms(void);
struct date clock_today(void); /* in Asia/Shanghai */

bool date_valid(struct date d);                       /* a real day between 1900 and 2199 */
bool date_parse(struct date *out, const char *text);  /* YYYYMMDD, YYYY-MM-DD, YYYY.MM.DD, YYYY/M/D, YYYY年M月D日; nothing behind it */
int date_compare(struct date a, struct date b);       /* <0, 0, >0 */
int date_age(struct date born, struct date on);       /* full years */
char *date_iso(struct arena *a, struct date d);       /* 2026-11-21 */
char *date_compact(struct arena *a, struct date d);   /* 20261121 */

char *clock_t1(struct arena *a, int64_t t);           /* YYYYMMDDHHMISS, Asia/Shanghai */
bool clock_t1_parse(int64_t *out, const char *text);  /* the same back; false when it is no such time */
char *clock_day(struct arena *a, int64_t t);          /* YYYYMMDD, Asia/Shanghai */
char *clock_page(struct arena *a, int64_t t);         /* 2026-11-21 20:15, Asia/Shanghai */
char *clock_page_hour(struct arena *a, int64_t t);    /* 20:15 */
char *clock_http(struct arena *a, int64_t t);         /* Sat, 21 Nov 2026 12:15:00 GMT */
char *clock_utc(struct arena *a, int64_t t);          /* 2026-11-21T12:15:00Z */

#endif
