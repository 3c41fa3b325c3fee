/* The kinds of applications: what each does to a card's registration, and which T1 messages it needs (docs/t1.md). */
#ifndef DOMAIN_KIND_H
#define DOMAIN_KIND_H

#include <stdbool.h>

#include "domain/transition.h"

struct application_kind {
	const char *name;           /* in the database and in carrier profiles: "register", "cancel", "update" */
	bool begins;                /* a card that is done begins a registration */
	bool ends;                  /* a card that is done ends the current registration; with begins: another one takes its place */
	bool vehicle_message;       /* after the account message */
	const char *vehicle_status; /* VehicleStatus of table 8 */
	const char *told_done, *told_refused; /* templates of the short messages about the end */
	const char *done_label;     /* of a card that is done, on pages */
};

/* NULL when there is no such kind (yet). */
const struct application_kind *application_kind(const char *name);
/* The word on pages for a card in this state of an application of this kind. */
const char *application_state_label(const char *kind, enum card_state state);

#endif
