/* What the SMS and the identity stand-in share: the cloud's envelope and its checks before an action runs. */
#ifndef STANDIN_TENCENT_H
#define STANDIN_TENCENT_H

#include "server.h"
#include "tc3.h"

struct tencent_action {
	const char *name, *version, *service;
	bool region;               /* X-TC-Region must be sent */
	const char *const *fields; /* the parameters it knows, NULL at the end: others are refused */
	/* json is the body, an object with known names only. Returns the object under "Response" without RequestId. */
	cJSON *(*run)(struct request *request, const cJSON *then);
};

/* Checks the message, then gives the scripted error or runs the action. A faulty message is refused whatever the script says. */
struct answer tencent_handle(const struct tc3_account *account, const struct tencent_action *actions, size_t n, struct request *request,
			     const cJSON *then);
/* Sets request->action from the header. */
void tencent_open(struct request *request);

/* {"Error":{...}}; the message also becomes request->why. */
cJSON *tencent_error(struct request *request, const char *code, const char *message);
/* The text of a parameter, NULL when it is absent or not a string. */
const char *tencent_text(const struct request *request, const char *name);
/* A random number below limit. */
unsigned int tencent_random(unsigned int limit);
/* A random UUID in text. */
void tencent_uuid(char out[37]);

#endif
