/* What the tests of batches share: sending one, pushing all of it, and how it stands. */
#ifndef TESTS_DB_BATCH_H
#define TESTS_DB_BATCH_H

#include "fleet.h"
#include "jobs/job.h"

static struct lanes *lanes;
static int worker;

#define STATES(p) \
	VALUE(owner, "SELECT string_agg(s, ' ' ORDER BY s) AS value FROM (SELECT state || ':' || count(*) AS s FROM application_card WHERE application_id = $1 GROUP BY state) x", (p).id)
#define SMS(p) VALUE(owner, "SELECT string_agg(template || parameters::text, ' ' ORDER BY created_at) AS value FROM sms_message WHERE application_id = $1", (p).id)

static inline void batch_start(void)
{
	fixture_start();
	lanes = lanes_create(a, &config);
	OK(queue_worker_start(jobs, a, "prompt", &worker));
}

/* Runs the job of a batch until it is not due any more. */
static inline void push_all(void)
{
	struct job job;
	int count = 1;
	for (int turn = 0; turn < 200 && count; turn++) {
		OK(db_query(owner, a, NULL, "UPDATE job SET run_at = now() WHERE lane = 'batch' AND run_at > now() AND claim IS NULL AND attempts = 0"));
		OK(queue_claim(jobs, a, "batch", worker, 30, 1, &job, &count));
		if (count)
			job_execute(jobs, a, &config, &keys, lanes, &job);
	}
}

/* A batch of n cars with so many cards each, submitted; nothing of it is pushed yet. */
static inline void sent(struct batch *b, struct fleet *f, int n, int cards)
{
	fleet_filled(b, f, n, cards);
	OK(fleet_submit(web, b, 0));
	OK(db_commit(web));
}

static inline int withdraw(struct batch *b)
{
	int withdrawn = 0;
	OK(db_begin(web));
	OK(batch_withdraw(web, a, &keys, &tester, b->p.id, &withdrawn));
	OK(db_commit(web));
	return withdrawn;
}

static inline void end_card(const char *row, enum card_state to)
{
	OK(db_begin(jobs));
	OK(fixture_move(jobs, row, to));
	OK(db_commit(jobs));
}

static inline void end_all(const struct application *p, enum card_state to)
{
	struct db_result *r;
	OK(db_query(owner, a, &r, "SELECT id FROM application_card WHERE application_id = $1 AND state = 'pushing' ORDER BY id", DB_TEXT(p->id)));
	for (int i = 0; i < db_rows(r); i++)
		end_card(db_text(r, i, "id"), to);
}

/* Registers all cars of the company. */
static inline void registered(struct fleet *f, struct batch *b)
{
	fleet_draft(b, f, "register");
	fleet_put(b, fleet_all(f));
	OK(fleet_submit(web, b, 0));
	OK(db_commit(web));
	push_all();
	end_all(&b->p, CARD_DONE);
}

#endif
