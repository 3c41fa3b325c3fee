/* A parent that keeps N single-threaded workers alive: restarts those that die (back-off from 0.1 s to 5 s when one dies
 * within a second), passes SIGTERM and SIGINT on, waits for them to finish what they do, kills them after the grace time.
 * SIGHUP replaces all workers one after the other. A worker that is stopped by a signal (SIGSTOP) and does not go on is killed: what it
 * holds, as connections and slots, is not given to others while it might. */
#ifndef BASE_PREFORK_H
#define BASE_PREFORK_H

#include <signal.h>
#include <stdbool.h>

#include "base/status.h"

struct prefork {
	int workers;
	int grace_s;                      /* for a stop */
	int stopped_s;                    /* how long a worker may stay stopped by a signal; longer than anything that it is promised */
	int (*work)(void *context, int worker); /* runs in the child; its result is the exit status; 0 = replace me without delay */
	void *context;
};

/* Runs until a stop is asked for; ST_OK after a clean stop. */
enum status prefork_run(const struct prefork *p);

/* Inside a worker: true once a stop was asked for. SIGTERM is blocked except inside prefork_wait. */
bool prefork_stopping(void);
/* Waits until one of the descriptors is readable, the time is over (ms, -1 for ever) or a stop is asked for.
 * Returns a bit mask of the readable descriptors (bit i for fds[i]), 0 otherwise. */
unsigned prefork_wait(const int *fds, int count, int timeout_ms);
/* Waits until a connection waits at the listening socket, which stays the same as long as the worker lives; false when a stop is
 * asked for. The kernel wakes one worker for one connection, not all of them. */
bool prefork_wait_accept(int listener);

#endif
