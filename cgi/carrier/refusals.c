/* Counts of one process. Knows nothing of why a call is refused. */
#include "carrier/refusals.h"

#include <stdio.h>

#include "base/clock.h"
#include "base/log.h"
#include "store/instruction.h"

#define MINUTE_MS 60000
#define ALARM 100

int tally_add(struct tally *t)
{
	int64_t now = clock_monotonic_ms();

	if (!t->minute || now - t->minute >= MINUTE_MS)
		*t = (struct tally){.minute = now};
	return ++t->events;
}

void refusals_add(struct refusals *r, const char *address, const char *why)
{
	int calls = tally_add(&r->tally);

	if (calls <= TALLY_LINES)
		log_warn("refused", "address=%s why=%s", address, why);
	if (calls == ALARM)
		log_alarm("refused", "%d calls of this minute failed to prove who they are, the last one from %s", ALARM, address);
	if (!r->unwritten++)
		snprintf(r->address, sizeof r->address, "%s", address);
}

void refusals_tell(struct refusals *r, struct db *db, struct arena *a, bool now)
{
	int64_t time = clock_monotonic_ms();

	if (!r->unwritten || (!now && r->written_at && time - r->written_at < MINUTE_MS))
		return;
	r->written_at = time;
	if (db_ready(db) == ST_OK && instruction_refused(db, a, r->unwritten, r->address) == ST_OK)
		r->unwritten = 0;
	else
		log_warn("refused", "the count of %d is not written: %s", r->unwritten, status_message());
}
