/* T1 messages between the queue and the wire: what is sent, that it was tried, and what the answer means. Several messages of one
 * carrier connection go through each step together, in one transaction. */
#ifndef JOBS_T1_MESSAGE_H
#define JOBS_T1_MESSAGE_H

#include "base/config.h"
#include "db/db.h"
#include "jobs/lane.h"
#include "providers/http_client.h"
#include "store/queue.h"
#include "store/t1_result.h"
#include "t1/wire.h"

enum t1_next {
	T1_SEND,
	T1_NOT_WANTED,  /* nothing (more) to send: the job goes */
	T1_KNOWN,       /* the carrier's result came in: nothing to send */
	T1_HELD,        /* the connection is suspended, or its profile or a secret is not there: people must act first */
	T1_CANNOT_BUILD /* a dead letter */
};

/* One message on its way. Everything lives in the arena of its group. */
struct t1_flight {
	struct job job;
	enum t1_next next;
	const char *why; /* of T1_HELD and T1_CANNOT_BUILD */
	struct t1_sent message;
	const char *request_id;
	struct bytes body;
	unsigned char sha256[CRYPT_HASH_SIZE];
	int64_t attempt;
	struct http_call call;
	/* when it has landed */
	struct http_answer http;
	struct t1_answer answer;
};

/* The lanes of the connections that may be sent to; at most max. Arena. */
enum status t1_lanes(struct db *db, struct arena *a, const char **out, int max, int *count) MUST_CHECK;
/* Reads the messages of the jobs, which are of one lane, builds their bodies and sets next. */
enum status t1_prepare(struct db *db, struct arena *a, const struct config *config, const struct keys *keys, struct t1_flight *const *f,
		       int count) MUST_CHECK;
/* One transaction: the attempts of those that will be sent are on record before anything goes out; the jobs of the others end or
 * wait. */
enum status t1_record(struct db *db, struct arena *a, const struct config *config, const struct keys *keys, struct t1_flight *const *f,
		      int count) MUST_CHECK;
/* After the call: reads the answer; what it says about the lane. */
enum lane_report t1_judge(struct arena *a, struct t1_flight *f);
/* One transaction: what the answers mean is written together with the end, or the return, of their jobs. ST_CONFLICT: a job is not
 * ours any more, or somebody changed its message; then nothing is written, and the caller settles them one by one. */
enum status t1_settle(struct db *db, struct arena *a, const struct config *config, const struct keys *keys, struct t1_flight *const *f,
		      int count) MUST_CHECK;

#endif
