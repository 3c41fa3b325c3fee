/* Short messages and the codes in them. */
#ifndef STORE_SMS_H
#define STORE_SMS_H

#include "base/config.h"
#include "db/db.h"

/* Writes the message row and its job "sms_send" (subject = message id) in the caller's transaction. template: see sms_message in
 * sql/0001_schema.sql; parameters: a PostgreSQL array literal or NULL; phone in clear, sealed here under the master key. */
enum status sms_enqueue(struct db *db, struct arena *a, const struct keys *keys, const char *application_id, const char *template_name,
                        const char *parameters, const char *phone, char **message_id) MUST_CHECK;

/* The text as parameters: an array literal of this one element, whatever is in it. */
const char *sms_parameter(struct arena *a, const char *text);

/* The six digits of a code row: derived from its seed with the code key. */
void sms_code_digits(char out[7], const struct keys *keys, const char *code_id, struct bytes seed);

#endif
