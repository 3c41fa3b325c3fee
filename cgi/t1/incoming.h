/* Messages that a carrier sends to us (docs/t1.md): the collection instruction of tables 1 and 2, and the result of a message that it
 * had accepted before; the answer to both is table 3. Pure: no database, no network. */
#ifndef T1_INCOMING_H
#define T1_INCOMING_H

#include "base/json.h"

#define T1_INCOMING_BYTES_MAX (8 * 1024)
#define T1_SIGNATURE_SIZE 32
#define T1_ECHO_MAX 64

/* The codes of table 4. */
#define T1_BAD_REQUEST "400"
#define T1_UNAUTHORIZED "401"
#define T1_METHOD "405"
#define T1_NO_RECORD "501"
#define T1_INTERNAL "604"

/* Every text lives in the arena that t1_incoming_read was given. */
struct t1_incoming {
	const char *request_id; /* as it came, for the answer; "" when it is no text of 1 to T1_ECHO_MAX bytes */
	const char *platform_id;
	unsigned char signature[T1_SIGNATURE_SIZE];
	bool signature_hex;       /* SignNature had the form of a signature; when not, nothing can match it */
	const char *code, *iccid; /* of an instruction, ICCID in capitals */
	bool done;                /* of a result: OprRst 1 */
	const char *cause;        /* of a result with OprRst 2, one line, cut; may name a person */
	const cJSON *object;
};

/* Auth and RequestID. False: not exactly one JSON object of well-formed UTF-8 in which these are texts (400). request_id is set in
 * either case. */
bool t1_incoming_read(struct t1_incoming *m, struct arena *a, struct bytes body);
/* The other fields, looked at when the sender is known. False: one is missing or has a wrong form (400). */
bool t1_incoming_instruction(struct t1_incoming *m, struct arena *a);
bool t1_incoming_result(struct t1_incoming *m, struct arena *a);

/* Table 3: cause NULL is OprRst 1, else 2. Arena. */
char *t1_incoming_answer(struct arena *a, const char *request_id, const char *cause);

#endif
