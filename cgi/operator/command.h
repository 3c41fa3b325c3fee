/* The operator's command: a table of nested words says what there is, what it takes and what it needs; the help falls out of it. */
#ifndef OPERATOR_COMMAND_H
#define OPERATOR_COMMAND_H

#include <stdbool.h>
#include <stdio.h>

#include "base/config.h"
#include "db/db.h"
#include "store/audit.h"

#define REALNAME_VERSION "0.1.0"

/* What a verb needs before it runs. Keys and database imply the settings. */
#define NEEDS_CONFIG 1u
#define NEEDS_DATABASE 2u
#define NEEDS_KEYS 4u

struct command;

/* A word, with the words that may follow it (next) or with what it does (run). A table ends with {0}.
 * arguments says what the verb takes: "FILE" must be given, "[FILE]" may be, "FILE..." several times (given as one text with blanks
 * between), "[--flag]", "[--option VALUE]", "--option VALUE". */
struct word {
	const char *word, *arguments, *help;
	unsigned needs;
	enum status (*run)(struct command *c);
	const struct word *next;
};

#define COMMAND_SLOTS 12

struct command_slot {
	char name[32];
	bool option, has_value, required, many;
	const char *given;
};

struct command {
	const struct config *config;
	const struct keys *keys;
	struct db *db;
	struct arena *a;
	struct actor actor; /* "operator:NAME" */
	FILE *out;
	bool usage; /* what failed is how the command was written */
	struct command_slot slots[COMMAND_SLOTS];
	int slot_count;
};

/* Exit status: 0 done, 1 failed, 2 written wrongly. */
int command_run(const struct word *words, int argc, char **argv);

/* What was given for "NAME" or "--option": NULL when it was not, "" for a flag. Borrowed. */
const char *command_given(const struct command *c, const char *name);
/* For a verb whose arguments do not fit together: the exit status becomes 2. */
enum status command_usage(struct command *c, const char *format, ...) PRINTF_LIKE(2, 3);
/* A whole number from 1 to max that was given for name; preset when nothing was. */
enum status command_number(struct command *c, const char *name, int64_t preset, int64_t max, int64_t *out) MUST_CHECK;

/* Text from outside as a terminal may see it: control characters as '?', "-" for NULL and "". Arena. */
const char *command_shown(struct arena *a, const char *text);
/* The end of a transaction: commits when st is ST_OK, else rolls back and gives st. */
enum status command_end(struct command *c, enum status st) MUST_CHECK;

#endif
