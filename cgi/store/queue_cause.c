/* Dead letters: what each cause means and what to do about it. */
#include <string.h>

#include "store/queue.h"

static const struct queue_cause causes[] = {
	{"kills_worker", "five workers died while they held it",
	 "read the log for the signal, mend the program, then: realnamectl requeue JOB"},
	{"cannot_build", "the message cannot be built: data, profile or a secret is wrong",
	 "the log names it; mend it, then: realnamectl requeue JOB, or t1 supersede"},
	{"vehicle_refused", "the carrier took the account message and refused the car's data",
	 "correct the car (realnamectl import), then: realnamectl t1 supersede MESSAGE; or t1 retry"},
	{"unknown_kind", "this version of the program does not know the kind",
	 "install the version that wrote it, then: realnamectl requeue JOB"},
	{"attempts_used_up", "every attempt failed", "the last error names the cause; when it is gone: realnamectl requeue JOB"},
};
static const struct queue_cause other = {"other", "given up", "read the last error; then realnamectl requeue JOB, or t1 skip"};

const struct queue_cause *queue_cause(const char *key)
{
	for (size_t i = 0; key && i < sizeof(causes) / sizeof(causes[0]); i++)
		if (strcmp(causes[i].key, key) == 0)
			return &causes[i];
	return &other;
}
