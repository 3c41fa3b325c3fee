/* The pages of a batch after its submission. */
#ifndef FLOW_FLEET_BATCH_H
#define FLOW_FLEET_BATCH_H

#include "flow/company_pages.h"

enum status fleet_batch_serve(struct request *r);    /* /fleet/batch/NUMBER: counts and every card; JSON for its script */
enum status fleet_result_serve(struct request *r);   /* /fleet/batch/NUMBER/result.csv, .xlsx */
enum status fleet_withdraw_serve(struct request *r); /* /fleet/batch/NUMBER/withdraw: asks, POST withdraws what is not sent */
enum status fleet_retry_serve(struct request *r);    /* POST /fleet/batch/NUMBER/retry: a new draft with the cars that failed */

#endif
