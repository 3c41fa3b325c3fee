/* One worker of the background program: claims jobs, runs them, does what comes round by the clock. */
#ifndef JOBS_WORKER_H
#define JOBS_WORKER_H

#include "base/config.h"

struct worker_context {
	const struct config *config;
	const struct keys *keys;
};
/* For struct prefork: runs until a stop is asked for. The loss of the database never ends it. */
int worker_run(void *context, int number);

#endif
