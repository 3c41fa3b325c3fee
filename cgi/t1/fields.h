/* Tables 8 (account) and 11 (vehicle) of the rules: every field in order with its presence rule. */
#ifndef T1_FIELDS_H
#define T1_FIELDS_H

#include <stdbool.h>

#include "base/arena.h"

enum t1_table { T1_ACCOUNT, T1_VEHICLE };
#define T1_FIELDS_MAX 32

/* The values of one message by field name; NULL = not sent. Texts are borrowed. ExtendPara is the JSON text of an object. */
struct t1_values {
	enum t1_table table;
	bool agent; /* table 8: an agent acts, so that the Operator… fields are needed; any of them that is given means the same */
	const char *value[T1_FIELDS_MAX]; /* index as in t1_field_name */
};
const char *t1_field_name(enum t1_table table, int index); /* NULL behind the last */
void t1_set(struct t1_values *v, const char *field, const char *value); /* "" is NULL; an unknown field is a bug: assert */
const char *t1_get(const struct t1_values *v, const char *field);
/* The first mandatory or conditional field that is missing or malformed, NULL when the message is complete. Fields that are due "when
 * known" are the caller's duty. */
const char *t1_missing(const struct t1_values *v);
/* Which of EngineNum and MotorNum a car with this FuelType lacks, NULL when neither: what burns needs an engine, what is electric a
 * motor, a hybrid both, anything else at least one. NULL and "" are not there. */
const char *t1_drive_missing(const char *fuels, const char *engine, const char *motor);
/* The JSON object with the fields in the order of the table, without blanks. Only for values that t1_missing found complete. */
char *t1_json(struct arena *a, const struct t1_values *v);

#endif
