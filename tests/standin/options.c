/* Command lines of the form --name value. */
#include "options.h"

#include <stdio.h>
#include <string.h>

#define SPECS_MAX 32

bool options_parse(const struct option_spec *specs, size_t n, int argc, char **argv)
{
	int given[SPECS_MAX] = {0};

	for (int i = 1; i < argc; i += 2) {
		size_t s = 0;

		while (s < n && strcmp(specs[s].name, argv[i]) != 0)
			s++;
		if (s == n || i + 1 == argc || given[s] == specs[s].room) {
			fprintf(stderr, "%s: %s: %s\n", argv[0], argv[i],
				s == n          ? "no such option"
				: i + 1 == argc ? "needs a value"
						: "given too often");
			return false;
		}
		specs[s].values[given[s]++] = argv[i + 1];
	}
	for (size_t s = 0; s < n; s++) {
		if (specs[s].needed && !given[s]) {
			fprintf(stderr, "%s: %s is needed\n", argv[0], specs[s].name);
			return false;
		}
	}
	return true;
}
