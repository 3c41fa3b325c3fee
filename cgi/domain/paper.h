/* The papers that people compare: which there are, and what one is asked for in review. */
#ifndef DOMAIN_PAPER_H
#define DOMAIN_PAPER_H

#include <stdbool.h>

#include "base/arena.h"

#define PAPER_WORDS_MAX 60 /* characters of what people ask for */

struct paper {
	const char *name;  /* stable, as in the database: purpose of the evidence, "what" of a supplement */
	const char *slug;  /* in addresses */
	const char *label; /* on pages */
	const char *words; /* what is asked for when nothing more exact is said */
	bool company;      /* only a company has it; a picture or a PDF, where the others are photographs */
};

/* NULL when there is no such paper. */
const struct paper *paper(const char *name);
const struct paper *paper_by_slug(const char *slug);
/* All names, joined by ", ", those that only a company has last. Arena. */
char *paper_names(struct arena *a);

#endif
