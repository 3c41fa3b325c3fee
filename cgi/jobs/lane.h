/* What holds calls to a destination back: a circuit breaker and a budget for retries, one of each a lane and process. The table
 * `lane` tells other processes, and people, what one of them found. While a lane is open its jobs stay where they are and use
 * nothing up.
 *   closed     calls go out; opens when half of the last calls failed (at least 20 of at most 100), or five in a row found nobody
 *   open       nothing goes out for 30 s, then 60 s, with jitter
 *   half open  one probe, then two, up to ten at once; ten that succeed close it, one that fails opens it again */
#ifndef JOBS_LANE_H
#define JOBS_LANE_H

#include "base/config.h"
#include "db/db.h"

enum lane_report {
	LANE_OK,           /* an answer, whatever it says */
	LANE_FAILED,       /* no usable answer: 5xx, 429, time-out, cut, unreadable */
	LANE_NO_CONNECTION /* nobody there, or not the one we know */
};

struct lanes;
struct lanes *lanes_create(struct arena *a, const struct config *config);

/* How many of the wanted calls may begin now. */
int lane_allows(struct lanes *l, const char *name, int wanted);
/* So many were begun (claimed); each is followed by one lane_report or lane_unused. retries: how many of them are not the first
 * attempt. */
void lane_began(struct lanes *l, const char *name, int calls, int retries);
void lane_report(struct lanes *l, const char *name, enum lane_report what);
/* Begun, but no call was made. */
void lane_unused(struct lanes *l, const char *name);
/* Whether one more retry is within the budget: a tenth of the first attempts, and one a second at least. */
bool lane_may_retry(struct lanes *l, const char *name);

/* Writes what this process found and reads what others found; call about once a second. */
enum status lanes_sync(struct lanes *l, struct db *db, struct arena *a) MUST_CHECK;

#endif
