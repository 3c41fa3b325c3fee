/* 实名登记记录: sign in by phone and SMS code, see one's own applications, go on with a draft on another device. */
#ifndef FLOW_RECORDS_H
#define FLOW_RECORDS_H

#include "http/request.h"

enum status records_serve(struct request *r);          /* /records: the list */
enum status records_phone_serve(struct request *r);    /* /records/phone */
enum status records_code_serve(struct request *r);     /* /records/code */
enum status records_continue_serve(struct request *r); /* POST /records/continue */
enum status records_leave_serve(struct request *r);    /* POST /records/leave */

/* For other pages of this sign-in (a row of places in records.c; they send people to /records/phone?to=NAME): the phone of the session and
 * whether it is signed in now. */
enum status records_visitor(struct request *r, struct bytes *phone_hash, char **phone, bool *signed_in) MUST_CHECK;

#endif
