/* What the pages of one batch share: fleet_batch.c shows it, fleet_batch_part.c gives its result, withdraws and tries again. */
#ifndef FLOW_FLEET_BATCH_PART_H
#define FLOW_FLEET_BATCH_PART_H

#include "flow/company_pages.h"

/* What the page counts and lists together. */
enum { BATCH_WAITING, BATCH_REVIEW, BATCH_PUSHING, BATCH_DONE, BATCH_REFUSED, BATCH_WITHDRAWN, BATCH_GROUPS };

struct batch {
	const char *id, *number, *kind, *asked; /* asked: what people want to see besides; NULL: nothing */
	int64_t submitted_at;
	int cars, cards, retry_cars, needs_more, count[BATCH_GROUPS];
};

/* The batch of the address, of the company of the session; lock: begins a transaction that holds its row. ST_NOT_FOUND for any other. */
enum status batch_visit(struct company_visit *c, struct request *r, bool lock, struct batch *b) MUST_CHECK;
const char *batch_place(struct request *r, const struct batch *b);
/* Its numbers and counts, for templates. */
void batch_show(struct request *r, const struct batch *b);

/* Every card of batch $1 in the states $2, "{}" for all. */
#define BATCH_CARDS                                                                                                                        \
	"SELECT v.vin, v.vehicle_model, c.iccid, ac.state, ac.refusal_key, extract(epoch FROM ac.state_at)::bigint AS at FROM "            \
	"application_card ac"                                                                                                              \
	" JOIN vehicle v ON v.id = ac.vehicle_id JOIN card c ON c.id = ac.card_id"                                                         \
	" WHERE ac.application_id = $1 AND ($2 = '{}' OR ac.state = ANY ($2::text[])) ORDER BY v.vin, c.iccid"
/* Why the card of row i is refused; NULL when it is not. */
const char *batch_reason(struct request *r, const struct db_result *l, int i);

#endif
