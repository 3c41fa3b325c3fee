/* Strict reading of JSON that others sent, and quoting for JSON that we send. The reader is bounded in size of the tree, not only
 * in bytes, and refuses what two readers could understand in two ways. */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include <cjson/cJSON.h>

#include "base/text.h"

#define JSON_VALUES_MAX 2000
#define JSON_DEPTH_MAX 16

/* The object that text holds, released with the arena; NULL when text is not exactly one object of well-formed UTF-8, has a zero
 * character, a control character or the same name twice, more than JSON_VALUES_MAX values or is nested deeper than JSON_DEPTH_MAX. */
const cJSON *json_read_object(struct arena *a, struct bytes text);
/* The member's text, borrowed; NULL when it is not there or no string. */
const char *json_string(const cJSON *object, const char *name);
/* Adds text in quotes with what JSON wants escaped, nothing else: UTF-8 stays as it is. text is valid UTF-8. */
void json_quote(struct buffer *b, const char *text);
/* Adds "name":"value" with a comma in front unless it is the first member of its object. */
void json_member(struct buffer *b, const char *name, const char *value);

#endif
