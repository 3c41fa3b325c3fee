/* Background work as an operator sees it, and putting back what was given up. */
#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "operator/verbs.h"
#include "store/queue.h"
#include "store/t1_decide.h"
#include "store/t1_result.h"

#define LIST_MAX 1000

enum status verb_jobs_list(struct command *c)
{
	bool dead = command_given(c, "--dead") != NULL;
	struct db_result *r;
	enum status st = db_query(
		c->db, c->a, &r,
		"SELECT id, kind, lane, subject, attempts, last_error, dead_cause, extract(epoch FROM coalesce(dead_at, run_at))::bigint "
		"AS at, "
		"CASE WHEN dead_at IS NOT NULL THEN 'given up' WHEN behind THEN 'behind another' WHEN parked THEN 'waits for a result' "
		"WHEN claim IS NOT NULL AND run_at > now() THEN 'running' ELSE 'due' END AS state "
		"FROM job WHERE dead_at IS NOT NULL OR NOT $1::boolean ORDER BY dead_at IS NULL, coalesce(dead_at, run_at) LIMIT $2",
		DB_BOOL(dead), DB_INT(LIST_MAX));

	if (st != ST_OK)
		return st;
	fprintf(c->out, "job\tkind\tlane\tsubject\tattempts\tstate\tat\tlast error\tmeaning\tremedy\n");
	for (int i = 0; i < db_rows(r); i++) {
		const struct queue_cause *cause = db_is_null(r, i, "dead_cause") ? NULL : queue_cause(db_text(r, i, "dead_cause"));
		fprintf(c->out, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", db_text(r, i, "id"), db_text(r, i, "kind"),
			db_text(r, i, "lane"), command_shown(c->a, db_text(r, i, "subject")), db_text(r, i, "attempts"),
			db_text(r, i, "state"), clock_page(c->a, db_int(r, i, "at")), command_shown(c->a, db_text(r, i, "last_error")),
			cause ? cause->meaning : "", cause ? cause->remedy : "");
	}
	return ST_OK;
}

/* A message that was refused is more than its job: it is asked for again as t1 retry does. */
static enum status requeue_refused(struct command *c, const char *message_id)
{
	struct t1_choice m;
	enum status st = t1_choose(c->db, c->a, message_id, &m);

	return st == ST_OK ? t1_retry(c->db, c->a, &c->actor, &m) : st;
}

static enum status requeue(struct command *c, int64_t id)
{
	struct db_result *r;
	enum status st = db_query(c->db, c->a, &r, "SELECT subject FROM job WHERE id = $1 AND dead_cause = '" T1_DEAD_REFUSED "'", DB_INT(id));

	if (st == ST_OK && db_rows(r) == 1)
		return requeue_refused(c, db_text(r, 0, "subject"));
	if (st == ST_OK)
		st = queue_requeue(c->db, c->a, id);
	return st == ST_OK ? audit_write(c->db, c->a, &c->actor, "job.requeued", NULL, arena_printf(c->a, "job:%" PRId64, id), "ok", NULL)
			   : st;
}

enum status verb_requeue(struct command *c)
{
	bool all = command_given(c, "--dead") != NULL;
	struct db_result *r;
	int64_t id;
	int count = 1;
	enum status st = command_number(c, "JOB", 0, INT64_MAX, &id);

	if (st == ST_OK && all == (id != 0))
		st = command_usage(c, "give the number of one job, or --dead for all that were given up");
	if (st != ST_OK || (st = db_begin(c->db)) != ST_OK)
		return st;
	if (!all)
		st = requeue(c, id);
	else if ((st = db_query(c->db, c->a, &r, "SELECT id FROM job WHERE dead_at IS NOT NULL ORDER BY id FOR UPDATE")) == ST_OK) {
		count = db_rows(r);
		for (int i = 0; st == ST_OK && i < count; i++)
			st = requeue(c, db_int(r, i, "id"));
	}
	st = command_end(c, st);
	if (st == ST_OK)
		fprintf(c->out, "%d jobs are due again\n", count);
	return st;
}
