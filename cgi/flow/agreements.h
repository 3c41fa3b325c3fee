/* Agreement texts: rows loaded by the operator, each with a version; never template text. */
#ifndef FLOW_AGREEMENTS_H
#define FLOW_AGREEMENTS_H

#include "http/response.h"

struct agreement {
	const char *id, *kind, *slug, *version, *title, *body;
	struct bytes sha256;
	int64_t valid_from;
};
/* The newest text of the kind that is valid now, for a page with a form that agrees to it: the form says which one it was (Agree.shown).
 * ST_UNAVAILABLE when the operator has loaded none. */
enum status agreement_offer(struct request *r, const char *kind, struct agreement *out) MUST_CHECK;
/* The same for the posted form. A form error at field when the page that was posted showed another one, or does not say which. */
enum status agreement_take(struct request *r, const char *field, const char *kind, struct agreement *out) MUST_CHECK;
/* The kinds of texts that the agreement step of this kind of application asks for, as a PostgreSQL array. */
char *agreements_asked(struct arena *a, const char *kind);
/* The page of one text: /agreement/SLUG. */
enum status agreement_serve(struct request *r);

#endif
