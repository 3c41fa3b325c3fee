/* The list of the applications of one phone. */
#ifndef FLOW_RECORDS_LIST_H
#define FLOW_RECORDS_LIST_H

#include "http/request.h"

#define RECORDS_PAGE 20

enum status records_list(struct request *r, struct bytes phone_hash) MUST_CHECK;

#endif
