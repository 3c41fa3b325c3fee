/* A company opens itself, or somebody claims to work for one that is there. */
#ifndef STORE_COMPANY_OPEN_H
#define STORE_COMPANY_OPEN_H

#include "store/papers.h"

struct company_opened {
	const char *member_id;
	bool waits;   /* the company was there: staff have to let him in */
	bool already; /* nothing changed: he is one of its admins, or waits already */
};

/* Ends the draft: makes the company of this organisation, or finds it by its code, and its admin with the draft's phone (in clear). In the
 * transaction begun by draft_lock. */
enum status company_open(struct db *db, struct arena *a, const struct keys *keys, const struct actor *actor, const struct draft *d,
			 const struct organisation *o, const char *phone, struct company_opened *out) MUST_CHECK;

#endif
