/* One worker of the background program: claims jobs, runs them, does what comes round by the clock. */
#ifndef JOBS_WORKER_H
#define JOBS_WORKER_H

#include <stdint.h>

#include "base/config.h"

/* What a worker holds, in memory shared with the parent: the worker that replaces a dead one frees its job at once instead of
 * leaving it to its lease. */
struct worker_hold {
	int64_t job, claim; /* claim 0: nothing */
	int attempts;
};
struct worker_context {
	const struct config *config;
	const struct keys *keys;
	struct worker_hold *holds; /* one for each worker */
};
/* Makes the shared memory; call before the workers are started. */
enum status worker_prepare(struct worker_context *c) MUST_CHECK;
/* For struct prefork: runs until a stop is asked for. The loss of the database never ends it. */
int worker_run(void *context, int number);

#endif
