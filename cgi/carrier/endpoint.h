/* The server side of T1 (docs/t1.md): what a carrier calls, and what it is answered. Every answer is JSON of table 3. */
#ifndef CARRIER_ENDPOINT_H
#define CARRIER_ENDPOINT_H

#include "carrier/directory.h"
#include "carrier/refusals.h"
#include "http/request.h"

struct endpoint {
	struct directory *directory;
	struct refusals refusals;
	struct tally failures; /* ours */
};

/* Serves one request; always leaves an answer in r. */
void endpoint_serve(struct endpoint *e, struct request *r);

#endif
