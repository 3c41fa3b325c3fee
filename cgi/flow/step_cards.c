/* 核实车辆信息: brand, model, colour, and the car's cards to tick. Refusals that concern the car come here, after the proof. */
#include <string.h>

#include "domain/eligibility.h"
#include "domain/kind.h"
#include "flow/steps.h"

static bool cards_done(const struct draft *d)
{
	return d->cards_chosen;
}

/* Whether this flow can do something with the card: register one that is not registered, cancel one that is. */
bool card_free(const struct draft *d, const struct draft_card *c)
{
	const struct application_kind *kind = application_kind(d->kind);

	return kind && c->registered == kind->ends && !c->open;
}

enum status cards_refusal(struct flow_visit *v, const char **slug)
{
	const struct draft *d = &v->draft;
	struct eligibility_facts facts = {.company_owner = text_equal(d->owner_type, "organisation"), .no_card = d->card_count == 0};
	int free_cards = 0, open = 0;

	if (!date_parse(&facts.network_date, d->network_date ? d->network_date : ""))
		facts.network_date = (struct date){0};
	if (!date_parse(&facts.network_limit, v->r->site->config->network_date_limit))
		return status_fail(ST_ERROR, "the setting network_date_limit is not a date");
	for (int i = 0; i < d->card_count; i++) {
		free_cards += card_free(d, &d->cards[i]);
		open += d->cards[i].open;
	}
	/* A car is refused for its cards only when none is left to choose. */
	facts.open_elsewhere = free_cards == 0 && open > 0;
	if (application_kind(d->kind)->ends) {
		facts.card_registered = free_cards > 0;
		*slug = refusal_page(eligibility_cancel(&facts));
	} else {
		facts.card_registered = free_cards == 0 && open == 0 && !facts.no_card;
		*slug = refusal_page(eligibility_register(&facts));
	}
	return ST_OK;
}

static enum status cards_show(struct flow_visit *v)
{
	const struct draft *d = &v->draft;
	struct view *view = request_view(v->r);
	struct arena *a = v->r->arena;
	bool all = text_equal(request_field(v->r, "action"), "all");
	const char *slug;
	int free_cards = 0;
	enum status st = cards_refusal(v, &slug);

	if (st != ST_OK)
		return st;
	if (slug)
		return refuse(v, slug);
	view_set(view, "Car.brand", d->brand);
	view_set(view, "Car.model", d->model);
	view_set(view, "Car.color", d->color);
	view_set(view, "Car.vin", mask_vin(a, d->vin));
	view_int(view, "Cards.count", d->card_count);
	for (int i = 0; i < d->card_count; i++)
		free_cards += card_free(d, &d->cards[i]);
	for (int i = 0; i < d->card_count; i++) {
		const struct draft_card *c = &d->cards[i];
		size_t n = strlen(c->iccid);

		view_item(view, "Cards", i, "id", c->id);
		view_item(view, "Cards", i, "tail", c->iccid + (n > 4 ? n - 4 : 0));
		if (!card_free(d, c)) {
			view_item(view, "Cards", i, "blocked", "1");
			view_item(view, "Cards", i, "state", c->open ? "办理中" : c->registered ? "已登记" : "没有登记");
		} else if (c->chosen || all || free_cards == 1) {
			view_item(view, "Cards", i, "checked", "1");
		}
	}
	return ST_OK;
}

static enum status cards_submit(struct flow_visit *v)
{
	struct request *r = v->r;
	const char *posted[DRAFT_CARDS_MAX], *chosen[DRAFT_CARDS_MAX], *slug;
	int count = request_fields(r, "card", posted, DRAFT_CARDS_MAX), kept = 0;
	enum status st;

	if (text_equal(request_field(r, "action"), "all"))
		return flow_show(v, 200); /* without script: the page again with every card ticked */
	st = flow_lock(v);
	if (st == ST_OK)
		st = cards_refusal(v, &slug);
	if (st != ST_OK)
		return st;
	if (slug)
		return refuse(v, slug);
	for (int i = 0; i < v->draft.card_count; i++)
		for (int j = 0; j < count; j++)
			if (strcmp(v->draft.cards[i].id, posted[j]) == 0 && card_free(&v->draft, &v->draft.cards[i])) {
				chosen[kept++] = v->draft.cards[i].id;
				break;
			}
	if (kept == 0) {
		form_error(r, "card", "card.none", NULL);
		return ST_OK;
	}
	st = draft_set_cards(r->site->db, r->arena, &v->actor, &v->draft, chosen, kept);
	return st == ST_OK ? db_commit(r->site->db) : st;
}

const struct step step_cards = {.slug = "cards",
                                .template_name = "step/cards",
                                .heading = "核实车辆信息",
                                .part = 1,
                                .done = cards_done,
                                .show = cards_show,
                                .submit = cards_submit};
