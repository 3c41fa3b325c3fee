/* What the tests of messages share: the steps of the sender against a real database, with the network replaced: the next answer is set by
 * the test, and what was sent is kept. */
#ifndef TESTS_DB_SENDER_H
#define TESTS_DB_SENDER_H

#include <fcntl.h>
#include <signal.h>

#include "fixture.h"
#include "jobs/t1_message.h"

static struct catalogue cat;
static int worker;

/* The carrier. */
static struct {
	int status; /* 0: no answer */
	const char *result, *cause;
	int calls;
	char bodies[8][4096];
	bool in_transaction, deadly;
} carrier;

/* What the network would do with it. */
static inline void fly(struct arena *ar, const struct http_call *call, struct http_answer *out)
{
	*out = (struct http_answer){.status = carrier.status, .error = carrier.status ? NULL : "timeout", .retry_after_s = -1};
	carrier.in_transaction |= db_in_transaction(jobs);
	char *body = carrier.bodies[carrier.calls++ % 8];
	snprintf(body, sizeof(carrier.bodies[0]), "%s", (const char *)call->body.data);
	if (carrier.deadly)
		raise(SIGKILL);
	if (!carrier.status)
		return;
	const char *id = strstr(body, "\"RequestID\":\"");
	char *text = arena_printf(ar, "{\"RequestID\":\"%.24s\",\"OprRst\":\"%s\",\"FailureCause\":\"%s\"}", id ? id + 13 : "",
				  carrier.result, carrier.cause ? carrier.cause : "");
	out->body = (struct bytes){(const unsigned char *)text, strlen(text)};
}

#define DUE "UPDATE job SET run_at = now() WHERE run_at > now() AND claim IS NULL AND dead_at IS NULL"

/* Claims what can be claimed of the connection, at most max. */
static inline int claim(struct job *out, int max)
{
	int count;
	OK(queue_claim(jobs, a, arena_printf(a, "t1:%s", cat.connection), worker, 30, max, out, &count));
	return count;
}

/* Takes claimed messages through all steps. */
static inline enum status send_all(const struct job *claimed, int count)
{
	struct t1_flight **f = arena_alloc(a, (size_t)count * sizeof(*f)), **flying = arena_alloc(a, (size_t)count * sizeof(*f));
	int n = 0;
	for (int i = 0; i < count; i++) {
		f[i] = arena_alloc(a, sizeof(**f));
		f[i]->job = claimed[i];
	}
	enum status st = t1_prepare(jobs, a, &config, &keys, f, count);
	if (st == ST_OK)
		st = t1_record(jobs, a, &config, &keys, f, count);
	for (int i = 0; st == ST_OK && i < count; i++) {
		if (f[i]->next != T1_SEND)
			continue;
		fly(a, &f[i]->call, &f[i]->http);
		(void)t1_judge(a, f[i]);
		flying[n++] = f[i];
	}
	if (st == ST_OK && n > 0)
		st = t1_settle(jobs, a, &config, &keys, flying, n);
	CHECK(!db_in_transaction(jobs));
	return st;
}

/* Makes every waiting job due and sends one message. False when there was none. */
static inline bool run_one(void)
{
	struct job job;
	OK(db_query(owner, a, NULL, DUE));
	if (claim(&job, 1) == 0)
		return false;
	OK(send_all(&job, 1));
	return true;
}

static inline void carrier_answers(int status, const char *result, const char *cause)
{
	memset(&carrier, 0, sizeof(carrier));
	carrier.status = status;
	carrier.result = result;
	carrier.cause = cause;
}

static inline void drop_jobs(void)
{
	OK(db_query(owner, a, NULL, "DELETE FROM job"));
}

static inline void pushed(struct application *p)
{
	drop_jobs();
	fixture_catalogue(&cat, NULL);
	fixture_draft(p, &cat, 1);
	fixture_submit(p, 1, true);
}

#define CARD_STATE_OF(p) VALUE(owner, "SELECT state AS value FROM application_card WHERE id = $1", (p).row[0])
#define MESSAGES_OF(p)                                                                                                                     \
	VALUE(owner, "SELECT string_agg(state, ' ' ORDER BY sequence) AS value FROM t1_message WHERE application_card_id = $1", (p).row[0])

static inline void write_secret(const char *name, const char *text)
{
	char *path = arena_printf(a, "%s/%s", config.secrets_dir, name);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	CHECK(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
}

/* A worker of the sender, and the secrets of FIXTURE_PROFILE. */
static inline void sender_start(void)
{
	write_secret("password", "secret");
	write_secret("cipher", "0123456789abcdeffedcba9876543210");
	OK(queue_worker_start(jobs, a, "t1", &worker));
}

#endif
