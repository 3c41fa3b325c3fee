/* May this be done online at all? Decided from facts, told kindly on a page of its own (never as a form error). */
#ifndef DOMAIN_ELIGIBILITY_H
#define DOMAIN_ELIGIBILITY_H

#include <stdbool.h>

#include "base/clock.h"

struct eligibility_facts {
	struct date network_date;  /* of the car; year 0: not known, which counts as too new */
	struct date network_limit; /* the last day that may still be done online; year 0: no limit */
	bool card_registered;      /* a chosen card has a current registration */
	bool open_elsewhere;       /* a chosen card is in another application that has not ended */
	int cards_held;            /* cards that the person already has, without the chosen ones */
	int cards_wanted;          /* cards chosen now */
	int cards_maximum;         /* per person; 0: no limit */
	bool company_owner;        /* the car belongs to an organisation */
	bool no_card;              /* there is no card in the car */
	bool other_holder;           /* a chosen card is registered to somebody else */
};

enum refusal {
	REFUSAL_NONE = 0,
	REFUSAL_REGISTERED,
	REFUSAL_OPEN,
	REFUSAL_COMPANY,
	REFUSAL_NO_CARD,
	REFUSAL_TOO_NEW,
	REFUSAL_TOO_MANY_CARDS,
	REFUSAL_NOT_REGISTERED,
	REFUSAL_NOT_HOLDER,
	REFUSAL_MOVED, /* a chosen card is in another car now */
	REFUSAL_MAX
};

/* A person registers, or cancels, cards of a car online. The first reason that holds, in the order above. */
enum refusal eligibility_register(const struct eligibility_facts *f);
enum refusal eligibility_cancel(const struct eligibility_facts *f);
/* Slug of the page that explains it: "registered", "open", "company", "no-card", "too-new", "too-many-cards", "not-registered", "not-holder",
 * "card-moved"; NULL for REFUSAL_NONE. */
const char *refusal_page(enum refusal r);

#endif
