/* 实名登记记录: sign in by phone and SMS code, see one's own applications, go on with a draft on another device. */
#ifndef FLOW_RECORDS_H
#define FLOW_RECORDS_H

#include "http/request.h"

enum status records_serve(struct request *r);          /* /records: the list */
enum status records_phone_serve(struct request *r);    /* /records/phone */
enum status records_code_serve(struct request *r);     /* /records/code */
enum status records_continue_serve(struct request *r); /* POST /records/continue */
enum status records_leave_serve(struct request *r);    /* POST /records/leave */

#endif
