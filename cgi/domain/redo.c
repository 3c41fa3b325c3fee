/* Which step failed, by the refusal. A new key that asks for more than another look is a line here. */
#include "domain/redo.h"

#include <stddef.h>
#include <string.h>

static const struct {
	const char *key;
	enum redo_part part;
} keys[] = {
	{"t1.certificate", REDO_CERTIFICATE},
	{"t1.expired", REDO_CERTIFICATE},
	{"t1.name", REDO_CERTIFICATE},
	{"t1.picture", REDO_PICTURES},
	{"review.unanswered", REDO_PICTURES}, /* pictures were asked for and did not come */
};

static const char *const names[REDO_PART_MAX] = {"check", "certificate", "pictures"};

enum redo_part redo_part(const char *refusal_key)
{
	for (size_t i = 0; refusal_key && i < sizeof keys / sizeof *keys; i++)
		if (strcmp(keys[i].key, refusal_key) == 0)
			return keys[i].part;
	return REDO_CHECK;
}

const char *redo_name(enum redo_part part)
{
	return (unsigned)part < REDO_PART_MAX ? names[part] : "";
}
