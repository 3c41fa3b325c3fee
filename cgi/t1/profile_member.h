/* Inside the profile reader: JSON objects into structs by a table of their members. Knows no member by name. */
#ifndef T1_PROFILE_MEMBER_H
#define T1_PROFILE_MEMBER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/json.h"

struct profile_choice {
	const char *name; /* NULL ends a list */
	unsigned value;
};

struct profile_member {
	const char *name;
	bool required;
	/* Puts the value at its place in the struct, texts in the arena; false when it is wrong. */
	bool (*read)(void *place, struct arena *a, const cJSON *value, const struct profile_member *m);
	size_t offset;
	const struct profile_choice *choices; /* profile_read_flag, profile_read_choice */
	int min, max;                         /* profile_read_number */
	const char *const *holes;             /* profile_read_template: what may stand in braces, braces included; NULL ends them */
	const char *letters;                  /* profile_read_template: beside letters, digits, "_-."; of a path, which begins with / */
};

#define PROFILE_TEXT_MAX 255

bool profile_read_text(void *place, struct arena *a, const cJSON *value, const struct profile_member *m);
bool profile_read_url(void *place, struct arena *a, const cJSON *value, const struct profile_member *m);
bool profile_read_path(void *place, struct arena *a, const cJSON *value, const struct profile_member *m);
/* The form that config_secret takes. */
bool profile_read_secret_name(void *place, struct arena *a, const cJSON *value, const struct profile_member *m);
bool profile_read_bool(void *place, struct arena *a, const cJSON *value, const struct profile_member *m);
/* Names for a bool, and for an enum. */
bool profile_read_flag(void *place, struct arena *a, const cJSON *value, const struct profile_member *m);
bool profile_read_choice(void *place, struct arena *a, const cJSON *value, const struct profile_member *m);
bool profile_read_number(void *place, struct arena *a, const cJSON *value, const struct profile_member *m);
bool profile_read_template(void *place, struct arena *a, const cJSON *value, const struct profile_member *m);

/* Every member of object into *base. ST_INVALID with the member named; before is what its name begins with ("sftp."). */
enum status profile_read_object(void *base, struct arena *a, const cJSON *object, const struct profile_member *members, size_t count,
				const char *before) MUST_CHECK;

#endif
