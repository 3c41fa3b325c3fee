/* The envelope of a T1 message and what an answer means (docs/t1.md). Pure: no database, no network. */
#ifndef T1_WIRE_H
#define T1_WIRE_H

#include "base/json.h"
#include "t1/profile.h"

struct t1_envelope {
	const char *kind;       /* "account" or "vehicle" */
	const char *platform_id, *password, *request_id, *code;
	const char *oper_type;  /* code of the carrier; account messages only */
	const char *inputs;     /* JSON of table 8 or 11 */
	struct bytes iv;        /* 16 bytes, fixed with the row: the same row gives the same bytes; used by T1_SM4_CBC only */
	struct bytes cipher_key; /* 16 bytes; not looked at with T1_NONE */
};
/* The body to send: fields in the order of table 7 or 10. Arena. ST_INVALID when a part is missing or has a wrong form. */
enum status t1_body(struct arena *a, const struct t1_profile *p, const struct t1_envelope *e, struct bytes *out) MUST_CHECK;
/* SM3 over PlatformID followed by the password, in hex. Arena. */
char *t1_sign(struct arena *a, const char *platform_id, const char *password, bool upper);

enum t1_outcome {
	T1_DONE,       /* OprRst 1 */
	T1_REFUSED,    /* OprRst 2 with 400, 501 or free text: final */
	T1_CREDENTIAL, /* 401, 405, HTTP 401 or 403: ours; nothing is refused */
	T1_UNKNOWN     /* 604, 5xx, 429, time-out, unreadable, another RequestID: the same bytes again */
};
#define T1_ANSWER_BYTES_MAX (64 * 1024)
#define T1_CAUSE_CHARACTERS_MAX 300
struct t1_answer {
	enum t1_outcome outcome;
	char *cause; /* FailureCause (one line, cut), or a short word for T1_UNKNOWN; NULL for T1_DONE only. Arena. May name a
	              * person: it is kept with the message and shown to staff, never logged. */
};
/* http_status 0: no answer (transport failure). */
void t1_read_answer(struct arena *a, int http_status, struct bytes body, const char *request_id, struct t1_answer *out);
/* OprRst: 1 or 2, written as a text or as a number; 0 for everything else. */
int t1_result_of(const cJSON *object);
/* FailureCause on one line, cut to T1_CAUSE_CHARACTERS_MAX; "" when there is none. Arena. */
char *t1_cause_of(struct arena *a, const cJSON *object);
/* The message key of what a user is told for a refusal's cause. */
const char *t1_refusal_key(const char *cause);

#endif
