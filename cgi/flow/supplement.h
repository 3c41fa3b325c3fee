/* 补充材料: what people asked for in review, sent by whoever is signed in with the phone of the application, of a
 * batch for its company. */
#ifndef FLOW_SUPPLEMENT_H
#define FLOW_SUPPLEMENT_H

#include "http/request.h"

enum status supplement_serve(struct request *r); /* /supplement?number=NUMBER; what is sent there: upload.h */

#endif
