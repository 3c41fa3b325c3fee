/* Decisions only: the caller gathers the facts, in the transaction that acts on the answer. */
#include "domain/eligibility.h"

#include <stddef.h>

enum refusal eligibility_register(const struct eligibility_facts *f)
{
	if (f->card_registered)
		return REFUSAL_REGISTERED;
	if (f->open_elsewhere)
		return REFUSAL_OPEN;
	if (f->company_owner)
		return REFUSAL_COMPANY;
	if (f->no_card)
		return REFUSAL_NO_CARD;
	if (f->network_limit.year && (!f->network_date.year || date_compare(f->network_date, f->network_limit) > 0))
		return REFUSAL_TOO_NEW;
	if (f->cards_maximum && f->cards_held + f->cards_wanted > f->cards_maximum)
		return REFUSAL_TOO_MANY_CARDS;
	return REFUSAL_NONE;
}

enum refusal eligibility_cancel(const struct eligibility_facts *f)
{
	if (f->open_elsewhere)
		return REFUSAL_OPEN;
	if (f->company_owner)
		return REFUSAL_COMPANY;
	if (!f->card_registered)
		return REFUSAL_NOT_REGISTERED;
	return f->other_holder ? REFUSAL_NOT_HOLDER : REFUSAL_NONE;
}

const char *refusal_page(enum refusal r)
{
	static const char *const pages[REFUSAL_MAX] = {
		[REFUSAL_NONE] = NULL,
		[REFUSAL_REGISTERED] = "registered",
		[REFUSAL_OPEN] = "open",
		[REFUSAL_COMPANY] = "company",
		[REFUSAL_NO_CARD] = "no-card",
		[REFUSAL_TOO_NEW] = "too-new",
		[REFUSAL_TOO_MANY_CARDS] = "too-many-cards",
		[REFUSAL_NOT_REGISTERED] = "not-registered",
		[REFUSAL_NOT_HOLDER] = "not-holder",
		[REFUSAL_MOVED] = "card-moved",
	};

	return pages[r];
}
