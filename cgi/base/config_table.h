/* Inside the settings only: what a row of their table is. The rows are in config.c. */
#ifndef BASE_CONFIG_TABLE_H
#define BASE_CONFIG_TABLE_H

#include <stddef.h>
#include <stdint.h>

#include "base/config.h"

enum type { TEXT, PATH, INT, DOUBLE, SECRET, DSN, TYPE_MAX };

struct setting {
	const char *name;
	enum type type;
	size_t offset;
	const char *preset;
	int min, max; /* of int and number */
	const char *meaning;
};

/* NULL behind the last one. */
const struct setting *config_row(int index);

static inline bool setting_is_text(const struct setting *s)
{
	return s->type != INT && s->type != DOUBLE;
}

/* The member of c that a setting stands for. */
static inline char **setting_text_of(const struct config *c, const struct setting *s)
{
	return (char **)((uintptr_t)c + s->offset);
}

static inline int *setting_int_of(const struct config *c, const struct setting *s)
{
	return (int *)((uintptr_t)c + s->offset);
}

static inline double *setting_double_of(const struct config *c, const struct setting *s)
{
	return (double *)((uintptr_t)c + s->offset);
}

#endif
