/* Between the courier's loop (courier.c), its session with a server (courier_session.c) and the way of one file (courier_file.c).
 *
 * libcurl can hang in a handshake or a close. So a clock runs whenever a session or a job is held: SIGALRM ends the process after
 * sftp_stall_s without progress. What it held is given for longer than that (COURIER_HOLD), and prolonged before the clock is wound up
 * again: a process that was stopped and wakes up late dies before it can do anything with what others hold by then. */
#ifndef JOBS_COURIER_H
#define JOBS_COURIER_H

#include "jobs/file_build.h"
#include "jobs/worker.h"
#include "providers/sftp.h"

#define COURIER_BATCH 10
#define COURIER_HOLD(config) (2 * (config)->sftp_stall_s + 5)

struct courier;
/* How the bytes of a file are made; file_build, or what a bench puts in its place. */
typedef enum status (*courier_build)(struct courier *c, const struct t1_file *f, struct file_built *out);

struct courier {
	struct worker *w;
	courier_build build;
	struct file_builder *builder;
	struct arena *session_a, *batch_a, *file_a; /* as long as the session, the claimed jobs, one file */

	/* the session; slot may outlive it, until the database can be told */
	struct sftp *sftp;
	char connection_id[40], destination[300];
	struct t1_sftp sftp_profile;
	unsigned char bin_key[16];
	int slot;
	bool slot_broken; /* the session did not end in order: the server may not know it yet */
	int broken;       /* sessions of this process that did not end in order */
	bool resting;     /* as the slot's row says */
	int64_t opened_at, used_at, kept_at;
	int64_t told_at[SFTP_RESULT_MAX]; /* when an alarm of this kind was last raised */

	struct job jobs[COURIER_BATCH]; /* claimed and not settled: those from next on */
	int count, next, batch;
	int64_t claimed_at;
	const struct job *current;

	int64_t sweep_at;
	int turn;
};

/* ---- courier_session.c ---- */

/* Winds the clock up; stop: nothing is held any more. */
void courier_wind(const struct courier *c);
void courier_unwind(void);
/* Prolongs slot and job when it is time to, and winds the clock up. ST_CONFLICT: they are somebody else's. */
enum status courier_keep(struct courier *c) MUST_CHECK;
/* A session with the connection whose id follows the colon of lane; *open false: not now (no slot, enough sessions for
 * what is to be carried unless sweeping, nobody there, not set up), which the lane was told and, where people must act, the log. */
enum status courier_open(struct courier *c, const char *lane, bool sweeping, bool *open) MUST_CHECK;
/* Ends the session; broken: it is no use any more. */
void courier_close(struct courier *c, bool broken);
/* Tells the other couriers whether the session has nothing to carry. */
enum status courier_rests(struct courier *c, bool resting) MUST_CHECK;
/* Gives the slot of an ended session back, once there is a database. */
enum status courier_give_slot(struct courier *c) MUST_CHECK;
/* What a result means to the lane. */
enum lane_report courier_report(enum sftp_result r);
/* The session cannot be used any more after this result. */
bool courier_fatal(enum sftp_result r);
/* Tells people what is wrong with a destination and what to do; of each kind at most once a minute and process. */
void courier_tell(struct courier *c, enum sftp_result r, const char *what);

/* ---- courier_file.c ---- */

/* One claimed job to its end, or back into the queue. *session: SFTP_OK, or the result that ended it. Tells the lane. */
enum status courier_deliver(struct courier *c, const struct job *job, enum sftp_result *session) MUST_CHECK;
/* Removes what stays under a temporary name of a file that nobody works on any more. */
enum status courier_sweep(struct courier *c, const struct t1_file *f, enum sftp_result *session) MUST_CHECK;

/* ---- courier.c ---- */

/* The loop, as courier_run (worker.h) but with another way to make the bytes. */
int courier_loop(struct worker *w, courier_build build);

#endif
