/* The actions of the identity stand-in: certificate reading, and liveness with a comparison. */
#ifndef STANDIN_IDENTITY_H
#define STANDIN_IDENTITY_H

#include "tencent.h"

/* IDCardOCR: remembers whom it has handed out. */
cJSON *identity_read_card(struct request *request, const cJSON *then);
/* BizLicenseOCR. */
cJSON *identity_read_licence(struct request *request, const cJSON *then);
cJSON *identity_get_code(struct request *request, const cJSON *then);
cJSON *identity_recognize(struct request *request, const cJSON *then);
cJSON *identity_compare(struct request *request, const cJSON *then);

/* The people that were read, by number. Safe to call from several threads. */
void identity_remember(const char *number, const char *name);
/* False only when the number was handed out with another name. */
bool identity_name_fits(const char *number, const char *name);
void identity_forget(void);

bool identity_self_test(void);

#endif
