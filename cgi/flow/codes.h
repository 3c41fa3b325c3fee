/* SMS codes: asking for one within the limits, and checking one. Shared by the phone step of every flow and the records sign-in. */
#ifndef FLOW_CODES_H
#define FLOW_CODES_H

#include "http/form.h"
#include "store/audit.h"

/* What a code is counted under: whoever has proved a car pays from the first, whoever only types a number from the second. */
enum code_budget { CODE_OF_APPLICATION, CODE_OF_SIGN_IN };

struct code_request {
	const char *purpose;        /* "draft" or "records" */
	enum code_budget budget;
	const char *application_id; /* NULL for the records */
	const char *phone;          /* in clear, checked */
	const char *vin;            /* counted too; NULL: none */
};
/* Inside the caller's transaction: checks the limits, writes code and message. A refusal of a limit is a form error of field. */
enum status code_send(struct request *r, const struct actor *actor, const struct code_request *q, const char *field) MUST_CHECK;

/* Inside the caller's transaction: whether the typed code is one of the still good ones of this session and purpose for this phone: its id in
 * *right, after which the caller gives the session its new id (session_renew_after, for code_again). Wrong: counts the try, puts the form
 * error; *right NULL. */
enum status code_check(struct request *r, const struct actor *actor, const char *purpose, const char *application_id, struct bytes phone_hash, const char *typed,
                       const char **right) MUST_CHECK;
/* For a browser that has no session any more: it never heard that its code was right, and still has the cookie of before. The same code once
 * more, within two minutes, gives it the session that came of it; *again false: not so. A transaction of its own; wrong codes count. */
enum status code_again(struct request *r, const char *purpose, bool *again) MUST_CHECK;

/* Whether a code of this session and purpose for this phone can still be typed in: then no other is needed. */
enum status code_there(struct request *r, const char *purpose, struct bytes phone_hash, bool *there) MUST_CHECK;

/* Sms.* of the page: when it may be sent again, whether the last one failed or is on its way. waiting: still being sent. */
enum status code_show(struct request *r, const char *purpose, bool *waiting) MUST_CHECK;

#endif
