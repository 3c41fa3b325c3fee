/* Dead letters: what each cause means and what to do about it. */
#include <string.h>

#include "store/queue.h"

static const struct queue_cause causes[] = {
	{"kills_worker", "five workers died while they held it",
	 "read the log for the signal, mend the program, then: realnamectl requeue JOB"},
	{"cannot_build", "the message cannot be built: data, profile or a secret is wrong",
	 "the log names it; mend it, then: realnamectl requeue JOB, or t1 supersede"},
	{"vehicle_refused", "the carrier refused it after another message of the same card was accepted or skipped",
	 "wrong data: correct them (realnamectl import), then realnamectl t1 supersede MESSAGE; else t1 retry, or t1 skip"},
	{"file_conflict", "under the name of a file the carrier's server has another one, which is not overwritten",
	 "settle with the carrier whose it is and have it moved away, then: realnamectl requeue JOB"},
	{"file_evidence", "pictures or agreements of the application are missing or damaged",
	 "bring the evidence store back from a copy, then: realnamectl requeue JOB"},
	{"file_picture", "a stored picture cannot be decoded",
	 "look at it with realnamectl review; when the program was mended: realnamectl requeue JOB"},
	{"file_too_large", "the pictures are more than delivery_max_mb, 999 pictures, or a text too long",
	 "raise delivery_max_mb, then: realnamectl requeue JOB"},
	{"file_profile", "the profile gives the file no usable name or folder",
	 "mend kh_name, ht_name or folder of its profile, then: realnamectl requeue JOB"},
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
