/* The states of an application card and the ways between them. */
#ifndef DOMAIN_TRANSITION_H
#define DOMAIN_TRANSITION_H

#include <stdbool.h>

enum card_state {
	CARD_DRAFT,
	CARD_SUBMITTED,
	CARD_REVIEW,
	CARD_NEEDS_MORE,
	CARD_PUSHING,
	CARD_DONE,
	CARD_REFUSED,
	CARD_WITHDRAWN,
	CARD_EXPIRED,
	CARD_STATE_MAX
};

/* The one table of what may follow what. Values outside the enum: false. */
bool transition_allowed(enum card_state from, enum card_state to);
/* No transition leads out of it. */
bool transition_final(enum card_state s);
/* Stable name, as in the database: "draft", "needs_more". */
const char *transition_name(enum card_state s);
/* False when no state has this name. */
bool transition_by_name(enum card_state *out, const char *name);
/* The word on pages; done reads 已注销 when the application cancels. */
const char *transition_label(enum card_state s, bool cancels);

#endif
