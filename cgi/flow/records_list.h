/* The list of the applications of one phone. */
#ifndef FLOW_RECORDS_LIST_H
#define FLOW_RECORDS_LIST_H

#include "flow/records.h"

#define RECORDS_PAGE 20

enum status records_list(struct request *r, const struct sign_in *s, int http_status) MUST_CHECK;

#endif
