/* What may come in floods: all of it is counted, little is written down, so that nobody can fill a disk with it. */
#ifndef CARRIER_REFUSALS_H
#define CARRIER_REFUSALS_H

#include "db/db.h"

/* Events of one minute. */
struct tally {
	int64_t minute; /* when it began; 0 before the first */
	int events;
};
#define TALLY_LINES 10

/* Counts one; how many there are in this minute. Up to TALLY_LINES are worth a line in the log. */
int tally_add(struct tally *t);

struct refusals {
	struct tally tally;
	int unwritten; /* not yet in the audit */
	int64_t written_at;
	char address[48]; /* of the first that is not yet in the audit */
};

/* Counts one. The first of a minute get a line in the log, the hundredth an alarm. */
void refusals_add(struct refusals *r, const char *address, const char *why);
/* Writes the count to the audit, at most once a minute; now: at the end of the process. */
void refusals_tell(struct refusals *r, struct db *db, struct arena *a, bool now);

#endif
