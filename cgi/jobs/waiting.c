/* What waits for people too long: an alarm with a count once a day. It decides nothing. */
#include <stddef.h>
#include <string.h>

#include "base/log.h"
#include "jobs/maintenance.h"

static const struct {
	const char *what;
	size_t days; /* offset of the setting */
	const char *sql;
} queues[] = {
	{"review", offsetof(struct config, staff_days),
	 "SELECT count(DISTINCT application_id) AS waiting FROM application_card WHERE state = 'review' AND state_at < now() - make_interval(days => $1::integer)"},
	{"needs_more", offsetof(struct config, needs_more_days),
	 "SELECT count(DISTINCT application_id) AS waiting FROM application_card WHERE state = 'needs_more' AND state_at < now() - make_interval(days => $1::integer)"},
	{"misuse", offsetof(struct config, staff_days),
	 "SELECT count(*) AS waiting FROM misuse_report WHERE closed_at IS NULL AND created_at < now() - make_interval(days => $1::integer)"},
	{"complaint", offsetof(struct config, staff_days),
	 "SELECT count(*) AS waiting FROM complaint WHERE state <> 'answered' AND created_at < now() - make_interval(days => $1::integer)"},
	{"correction", offsetof(struct config, staff_days),
	 "SELECT count(*) AS waiting FROM correction WHERE answered_at IS NULL AND created_at < now() - make_interval(days => $1::integer)"},
	{"company_admin", offsetof(struct config, staff_days),
	 "SELECT count(*) AS waiting FROM company_member WHERE state = 'waiting' AND added_at < now() - make_interval(days => $1::integer)"},
};

enum status maintain_waiting(struct db *db, struct arena *a, const struct config *config, const struct keys *keys)
{
	(void)keys;
	for (size_t i = 0; i < sizeof queues / sizeof *queues; i++) {
		struct db_result *r;
		int days;
		enum status st;

		memcpy(&days, (const char *)config + queues[i].days, sizeof days);
		st = db_query(db, a, &r, queues[i].sql, DB_INT(days));
		if (st != ST_OK)
			return st;
		if (db_int(r, 0, "waiting") > 0)
			log_alarm("waiting", "what=%s count=%d days=%d", queues[i].what, (int)db_int(r, 0, "waiting"), days);
	}
	return ST_OK;
}
