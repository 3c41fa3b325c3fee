/* What every process of the background program does, whatever its role: it has one connection, is seen to live, frees what the dead
 * held, and comes back when the database was away. The roles are loops of their own: prompt.c (what people wait for), sender.c
 * (messages to carriers), courier.c (files to carriers). */
#ifndef JOBS_WORKER_H
#define JOBS_WORKER_H

#include <stdint.h>

#include "base/config.h"
#include "jobs/lane.h"
#include "store/queue.h"

struct worker_context {
	const struct config *config;
	const struct keys *keys;
};
/* For struct prefork: the role follows from the number. Runs until a stop is asked for. The loss of the database never ends it. */
int worker_count(const struct config *config);
int worker_run(void *context, int number);

struct worker {
	const struct config *config;
	const struct keys *keys;
	const char *role, *channel; /* "t1", "listen job_t1" */
	int number;                 /* within the role */
	struct db *db;
	struct arena *a, *long_lived; /* a is emptied at each turn */
	struct lanes *lanes;
	/* What the loop has in hand, when it can tell: after a lost connection everything else that was claimed is given back, as a claim
	 * whose answer never came. Claims, in arena a; loop is the loop's own. */
	const int64_t *(*held)(const struct worker *w, int *count);
	void *loop;
	int id;                     /* in table worker; 0 before the first connection */
	int session;                /* db_session on which it is registered; 0: none */
	int64_t seen_at, second_at; /* monotonic, when due */
	int away_ms;
};

/* At the beginning of each turn: empties a, makes sure of the connection, of the worker's row and lock, and does what is due once a
 * second (lanes, the dead). Not ST_OK: worker_wait_away, then again. ST_CONFLICT: this worker was given up and has a new id now:
 * whatever it held belongs to others. */
enum status worker_turn(struct worker *w) MUST_CHECK;
/* Rolls back, says why, waits longer each time (with jitter). */
void worker_wait_away(struct worker *w, enum status st);
/* Until a job is announced, the time of the poll has come, or a stop is asked for. */
void worker_wait_work(struct worker *w);

/* The loops: 0 when a stop was asked for. */
int prompt_run(struct worker *w);
int sender_run(struct worker *w);
int courier_run(struct worker *w);

#endif
