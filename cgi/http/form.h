/* urlencoded fields, forms with files, and field tables: each field has a cleaner and a rule; the result is the cleaned value or an error
 * code, with the typed text kept for showing again. Error texts are in one table (messages.c). */
#ifndef HTTP_FORM_H
#define HTTP_FORM_H

#include "http/request.h"

#define FORM_BODY_MAX 65536
#define FORM_FIELDS_MAX 200
#define FORM_VALUE_MAX 4096

struct form_field {
	const char *name, *value;
};
struct form {
	struct form_field fields[FORM_FIELDS_MAX];
	int count;
};

/* Parses a urlencoded text (body or query). ST_INVALID: bad escape, not UTF-8, NUL; ST_LIMIT: too many or too long. */
enum status form_parse(struct arena *a, struct form *out, const char *text, size_t length) MUST_CHECK;
const char *form_get(const struct form *f, const char *name);

/* Gives the whole body of the request to the sink as multipart/form-data (multipart.h). The statuses of that reader and of the body. */
struct multipart_sink;
enum status form_multipart(struct request *r, const struct multipart_sink *sink) MUST_CHECK;

/* One input of a page. */
struct field {
	const char *name;                                                  /* of the input, and of Field.NAME in the dataset */
	char *(*clean)(struct arena *a, const char *typed);                /* text_clean, text_code, ... */
	const char *(*rule)(struct arena *a, const char *clean, const char **argument); /* NULL or a message key; *argument fills {x} of the text */
};

/* Runs a table (ends with a NULL name) over the posted fields. values[i] gets the cleaned text ("" when absent). Every
 * error is put into the page (Field.NAME.error, Errors.N.field, Errors.N.text, Page.error); typed texts into
 * Field.NAME.value. Returns how many fields are wrong. */
int form_check(struct request *r, const struct field *fields, const char **values);

/* Puts one error into the page: key from the message table, argument replaces {…} in its text (NULL when none). */
void form_error(struct request *r, const char *field, const char *key, const char *argument);
/* Puts a value into Field.NAME.value. */
void form_value(struct request *r, const char *field, const char *value);
/* How many errors the page has. */
int form_errors(const struct request *r);

#endif
