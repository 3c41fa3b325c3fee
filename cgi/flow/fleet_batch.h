/* The pages of a batch after its submission. */
#ifndef FLOW_FLEET_BATCH_H
#define FLOW_FLEET_BATCH_H

#include "flow/company_pages.h"

/* What the page counts and lists together. */
enum batch_group {
	BATCH_GROUP_WAITING,
	BATCH_GROUP_REVIEW,
	BATCH_GROUP_PUSHING,
	BATCH_GROUP_DONE,
	BATCH_GROUP_REFUSED,
	BATCH_GROUP_WITHDRAWN,
	BATCH_GROUPS
};
struct batch_page {
	const char *id, *number, *kind, *asked; /* asked: what people want to see besides; NULL: nothing */
	int64_t submitted_at;
	int cars, cards, needs_more, count[BATCH_GROUPS];
};
/* The batch of this address, of the company of the session. lock: begins a transaction that holds its row. ST_DENIED as company_visit. */
enum status fleet_batch_begin(struct company_visit *c, struct request *r, bool lock, struct batch_page *b) MUST_CHECK;
bool fleet_batch_open(const struct batch_page *b); /* some of its cards have no end yet */
const char *fleet_batch_place(struct request *r, const struct batch_page *b);
void fleet_batch_show(struct request *r, const struct batch_page *b); /* "Batch", "Count" */

/* Cars that failed and could be in a batch now: those that were done since, or are under way, are not. None while the batch is open. */
struct batch_again {
	const char *cars; /* an array of PostgreSQL */
	int count;
};
enum status fleet_batch_again_cars(struct company_visit *c, const struct batch_page *b, struct batch_again *out) MUST_CHECK;

enum status fleet_batch_serve(struct request *r);    /* /fleet/batch/NUMBER: counts and every card; JSON for its script */
/* /fleet/batch/NUMBER/PART: result.csv and result.xlsx; withdraw asks, POST withdraws what is not sent; POST retry makes a new draft with the
 * cars that failed. */
enum status fleet_batch_part_serve(struct request *r);
enum status fleet_batch_withdraw_serve(struct request *r);
enum status fleet_batch_retry_serve(struct request *r);

#endif
