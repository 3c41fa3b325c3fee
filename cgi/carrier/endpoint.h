/* The server side of T1 (docs/t1.md): what a carrier calls, and what it is answered. Every answer is JSON of table 3. */
#ifndef CARRIER_ENDPOINT_H
#define CARRIER_ENDPOINT_H

#include "carrier/directory.h"
#include "carrier/refusals.h"
#include "http/request.h"
#include "store/instruction.h"

struct endpoint {
	struct directory *directory;
	struct refusals refusals;
	struct tally failures; /* ours */
};

/* One call on its way. */
struct call {
	struct request *r;
	struct t1_incoming m; /* its fields are read when the sender is known */
	struct carrier_caller caller;
	struct instruction instruction;
	bool waiting; /* for endpoint_settle; else it is answered */
};

/* Judges one call: it is answered, or it is an instruction that waits to be accepted together with others. */
void endpoint_take(struct endpoint *e, struct call *c, struct request *r);
/* Accepts what waits among at most INSTRUCTIONS_MAX calls, with one commit; afterwards all of them are answered. */
void endpoint_settle(struct endpoint *e, const struct site *site, struct call *calls, int count);

#endif
