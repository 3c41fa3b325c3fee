/* Command lines of the form --name value. */
#ifndef STANDIN_OPTIONS_H
#define STANDIN_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

struct option_spec {
	const char *name;    /* with the dashes */
	bool needed;         /* must be given */
	int room;            /* how often it may be given */
	const char **values; /* room places, NULL (or a default) before; borrowed from argv afterwards */
};

/* False, with a line on stderr, when a name is unknown, a value is missing or a needed option is not there. */
bool options_parse(const struct option_spec *specs, size_t n, int argc, char **argv);

#endif
