/* The pages of a batch after its submission. */
#ifndef FLOW_FLEET_BATCH_H
#define FLOW_FLEET_BATCH_H

#include "flow/company_pages.h"

enum status fleet_batch_serve(struct request *r);    /* /fleet/batch/NUMBER: counts and every card; JSON for its script */
/* /fleet/batch/NUMBER/PART: result.csv and result.xlsx; withdraw asks, POST withdraws what is not sent; POST retry makes a new draft with the
 * cars that failed. */
enum status fleet_batch_part_serve(struct request *r);

#endif
