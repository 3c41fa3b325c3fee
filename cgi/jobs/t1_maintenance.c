/* What comes round by the clock for messages to carriers: asking again, and adding their counts up. */
#include "base/clock.h"
#include "base/log.h"
#include "jobs/maintenance.h"
#include "store/t1_decide.h"

enum status maintain_t1_reconcile(struct db *db, struct arena *a, const struct config *config, const struct keys *keys)
{
	struct t1_reconciled found = {.asked = T1_RECONCILE_MAX};
	(void)config;
	(void)keys;
	while (found.asked + found.mended >= T1_RECONCILE_MAX) {
		enum status st = db_begin(db);
		if (st == ST_OK)
			st = t1_reconcile(db, a, NULL, 0, &found);
		if (st == ST_OK)
			st = db_commit(db);
		if (st != ST_OK)
			return st;
		if (found.asked > 0)
			log_warn("t1_reconcile", "asked=%d messages without their result are asked for again, the oldest of %s",
				 found.asked, clock_utc(a, found.oldest));
		if (found.mended > 0)
			log_alarm("t1_reconcile", "mended=%d messages had lost their job", found.mended);
	}
	return ST_OK;
}

enum status maintain_t1_count(struct db *db, struct arena *a, const struct config *config, const struct keys *keys)
{
	(void)config;
	(void)keys;
	return db_query(db, a, NULL, "SELECT t1_count_settle()");
}
