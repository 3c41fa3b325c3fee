/* Checks TC3-HMAC-SHA256 signatures as the cloud does. Written from the description of the scheme, apart from the product. */
#ifndef STANDIN_TC3_H
#define STANDIN_TC3_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include <cjson/cJSON.h>

#include "encode.h"

struct tc3_account {
	const char *secret_id, *secret_key;
};

struct tc3_message {
	const cJSON *headers; /* as received */
	const char *body;
	size_t length;
	const char *service; /* which the scope must name */
};

/* The signature of a POST to "/" without a query. canonical_headers has a line feed after each header. Borrows all. */
void tc3_sign(char out[SHA256_HEX], const struct tc3_message *message, const char *secret_key, time_t timestamp, const char *signed_headers,
	      const char *canonical_headers);

/* NULL when the message is signed rightly at this time, else the error code; why then has a reason for people. */
const char *tc3_check(const struct tc3_message *message, const struct tc3_account *account, time_t now, char *why, size_t size);

/* Runs the published and own vectors, a line each. False when one fails. */
bool tc3_self_test(void);

#endif
