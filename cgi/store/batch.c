/* Batches: see batch.h. Everything is done for all cars by one statement; the rules for one car are functions of sql/0052_batch_person.sql. */
#include "store/batch.h"

#include <string.h>

#include "domain/certificate.h"
#include "domain/kind.h"
#include "domain/review.h"
#include "store/cards.h"
#include "store/queue.h"

static const char *const reason_names[BATCH_REASON_MAX] = {
	[BATCH_FITS] = "",
	[BATCH_NOT_YOURS] = "not_yours",
	[BATCH_NO_CARD] = "no_card",
	[BATCH_BUSY] = "busy",
	[BATCH_REGISTERED] = "registered",
	[BATCH_NOT_REGISTERED] = "not_registered",
	[BATCH_OTHER_HOLDER] = "other_holder",
	[BATCH_PERSON] = "person",
	[BATCH_NEW] = "new",
	[BATCH_OTHER_CARD] = "other_card",
};

const char *batch_reason_name(enum batch_reason r)
{
	return reason_names[r];
}

enum batch_reason batch_reason_named(const char *name)
{
	for (int i = 0; name && i < BATCH_REASON_MAX; i++)
		if (strcmp(reason_names[i], name) == 0)
			return (enum batch_reason)i;
	return name ? BATCH_NOT_YOURS : BATCH_FITS; /* of a newer database: it does not fit */
}

/* The company's number may have been registered under any certificate of organisations. */
static const char *own_hashes(struct arena *a, const struct keys *keys, const char *code)
{
	struct buffer b;
	buffer_init(&b, a, (size_t)CERTIFICATE_TYPE_MAX * 80);
	for (int i = 0; i < CERTIFICATE_TYPE_MAX; i++) {
		const struct certificate *c = certificate_get((enum certificate_type)i);
		if (!c->organisation)
			continue;
		struct bytes hash = holder_number_hash(a, keys, c->name, code);
		buffer_printf(&b, "%s\"\\\\x%s\"", b.length ? "," : "{", hex_encode(a, hash.data, hash.length));
	}
	buffer_text(&b, "}");
	return b.data;
}

enum status batch_scope_of(struct arena *a, const struct config *config, const struct keys *keys, const struct company *company, const char *kind,
			   struct batch_scope *out)
{
	const struct application_kind *k = application_kind(kind);
	if (!k)
		return status_fail(ST_ERROR, "which cars fit a %s is not defined", kind);
	*out = (struct batch_scope){
		.company_id = company->id,
		.ends = k->ends,
		.own = own_hashes(a, keys, company->code),
		.last_day = text_empty(config->network_date_limit) ? NULL : config->network_date_limit,
	};
	return ST_OK;
}

/* ---- the basket ---- */

static enum status changed(struct db *db, struct arena *a, const struct actor *actor, const struct draft *d, const char *action, int cars)
{
	enum status st = db_query(db, a, NULL, "UPDATE application SET version = version + 1 WHERE id = $1", DB_TEXT(d->id));
	if (st != ST_OK)
		return st;
	return audit_write(db, a, actor, action, d->id, arena_printf(a, "application:%s", d->id), "ok", arena_printf(a, "{\"cars\":%d}", cars));
}

enum status batch_add(struct db *db, struct arena *a, const struct actor *actor, const struct draft *d, const struct batch_scope *s, const char *cars,
		      int *out)
{
	struct db_result *r;
	enum status st = db_query(db, a, &r,
				  "SELECT count(*) AS cars FROM (SELECT vehicle_id FROM batch_vehicle WHERE application_id = $1 "
				  "UNION SELECT vehicle_id FROM batch_cars($2, $3::uuid[], $4, $5::bytea[], $6::date) WHERE reason IS NULL) x",
				  DB_TEXT(d->id), DB_TEXT(s->company_id), DB_TEXT(cars), DB_BOOL(s->ends), DB_TEXT(s->own), DB_TEXT(s->last_day));
	if (st != ST_OK)
		return st;
	if (db_int(r, 0, "cars") > BATCH_CARS_MAX)
		return status_fail(ST_LIMIT, "a batch has at most %d cars", BATCH_CARS_MAX);
	st = db_query(db, a, &r,
		      "INSERT INTO batch_vehicle (application_id, vehicle_id) SELECT $1, vehicle_id FROM "
		      "batch_cars($2, $3::uuid[], $4, $5::bytea[], $6::date) WHERE reason IS NULL ON CONFLICT DO NOTHING",
		      DB_TEXT(d->id), DB_TEXT(s->company_id), DB_TEXT(cars), DB_BOOL(s->ends), DB_TEXT(s->own), DB_TEXT(s->last_day));
	if (st != ST_OK)
		return st;
	*out = (int)db_affected(r);
	return *out > 0 ? changed(db, a, actor, d, "draft.cars_added", *out) : ST_OK;
}

enum status batch_remove(struct db *db, struct arena *a, const struct actor *actor, const struct draft *d, const char *cars, int *out)
{
	struct db_result *r;
	enum status st = cars ? db_query(db, a, &r, "DELETE FROM batch_vehicle WHERE application_id = $1 AND vehicle_id = ANY ($2::uuid[])",
					 DB_TEXT(d->id), DB_TEXT(cars))
			      : db_query(db, a, &r, "DELETE FROM batch_vehicle WHERE application_id = $1", DB_TEXT(d->id));
	if (st != ST_OK)
		return st;
	*out = (int)db_affected(r);
	return *out > 0 ? changed(db, a, actor, d, "draft.cars_removed", *out) : ST_OK;
}

enum status batch_look(struct db *db, struct arena *a, const struct draft *d, const struct batch_scope *s, struct batch_look *out)
{
	struct db_result *r;
	enum status st = db_query(db, a, &r,
				  "SELECT reason, count(*) AS cars, sum(cards) AS cards FROM batch_cars($2, "
				  "ARRAY (SELECT vehicle_id FROM batch_vehicle WHERE application_id = $1), $3, $4::bytea[], $5::date) GROUP BY reason",
				  DB_TEXT(d->id), DB_TEXT(s->company_id), DB_BOOL(s->ends), DB_TEXT(s->own), DB_TEXT(s->last_day));
	if (st != ST_OK)
		return st;
	*out = (struct batch_look){0};
	for (int i = 0; i < db_rows(r); i++) {
		enum batch_reason reason = batch_reason_named(db_text(r, i, "reason"));
		int cars = (int)db_int(r, i, "cars");
		out->unfit[reason] = cars;
		if (reason == BATCH_FITS) {
			out->cars = cars;
			out->cards = (int)db_int(r, i, "cards");
		} else {
			out->unfit_cars += cars;
		}
	}
	return ST_OK;
}

/* ---- submission ---- */

/* The rows of the cards, with their audit; in the order of the cards, so that two batches with the same cards meet at the same one first and
 * neither waits for the other in a circle. */
static enum status add_cards(struct db *db, struct arena *a, const struct actor *actor, const struct draft *d, const struct batch_scope *s,
			     enum card_state to, int *cars, int *cards)
{
	struct db_result *r;
	enum status st = db_query(
		db, a, &r,
		"WITH new AS (INSERT INTO application_card (id, application_id, card_id, vehicle_id, state) "
		"SELECT gen_random_uuid(), $1, c.card_id, c.vehicle_id, $6::text FROM batch_cards($2, "
		"ARRAY (SELECT vehicle_id FROM batch_vehicle WHERE application_id = $1), $3, $4::bytea[], $5::date) c "
		"WHERE c.reason IS NULL AND c.goes ORDER BY c.card_id RETURNING id, card_id, vehicle_id), "
		"counted AS (UPDATE application SET audit_count = audit_count + (SELECT count(*) FROM new)::integer WHERE id = $1 "
		"RETURNING audit_count), "
		"kept AS (INSERT INTO audit (actor, action, application_id, number, object, result, address, detail) "
		"SELECT $7, 'card.' || $6::text, $1, n.audit_count - (SELECT count(*) FROM new) + row_number() OVER (ORDER BY x.card_id), "
		"'application_card:' || x.id, 'ok', $8, jsonb_build_object('from', 'draft', 'card', x.card_id) FROM new x, counted n) "
		"SELECT count(*) AS cards, count(DISTINCT vehicle_id) AS cars FROM new",
		DB_TEXT(d->id), DB_TEXT(s->company_id), DB_BOOL(s->ends), DB_TEXT(s->own), DB_TEXT(s->last_day), DB_TEXT(transition_name(to)),
		DB_TEXT(actor->name), DB_TEXT(actor->address));
	if (st != ST_OK)
		return st;
	*cars = (int)db_int(r, 0, "cars");
	*cards = (int)db_int(r, 0, "cards");
	return ST_OK;
}

enum status batch_submit(struct db *db, struct arena *a, const struct keys *keys, const struct actor *actor, const struct draft *d,
			 const struct batch_scope *s, unsigned reasons, const struct batch_look *shown)
{
	int cars = 0, cards = 0;
	enum status st = db_query(db, a, NULL, "SELECT application_hold_cards($1)", DB_TEXT(d->id)); /* what is read from here on stays so */
	if (st != ST_OK)
		return st;
	st = db_query(db, a, NULL,
		      "UPDATE application SET submitted_at = now(), push_decided_at = CASE WHEN $2 = '{}' THEN now() END, "
		      "review_reasons = $2::text[], version = version + 1 WHERE id = $1",
		      DB_TEXT(d->id), DB_TEXT(arena_printf(a, "{%s}", review_names(a, reasons))));
	if (st == ST_OK)
		st = audit_write(db, a, actor, "application.submitted", d->id, arena_printf(a, "application:%s", d->id),
				 reasons ? "review" : "pushing", NULL);
	if (st == ST_OK)
		st = add_cards(db, a, actor, d, s, reasons ? CARD_REVIEW : CARD_SUBMITTED, &cars, &cards);
	if (st == ST_OK)
		st = cards_still_fit(db, a, d->id, s->ends);
	if (st != ST_OK)
		return st;
	if (cards == 0 || cars != shown->cars || cards != shown->cards)
		return status_fail(ST_CONFLICT, "the batch has %d cars with %d cards, shown were %d and %d", cars, cards, shown->cars, shown->cards);
	st = db_query(db, a, NULL, "DELETE FROM batch_vehicle WHERE application_id = $1", DB_TEXT(d->id));
	if (st != ST_OK)
		return st;
	return reasons ? cards_tell(db, a, keys, d->id, CARD_REVIEW) : queue_add(db, a, "batch_push", d->id, 0);
}

enum status batch_approve(struct db *db, struct arena *a, const struct actor *actor, const char *application_id)
{
	struct db_result *r;
	enum status st = db_query(db, a, &r,
				  "UPDATE application SET push_decided_at = now() WHERE id = $1 AND submitted_at IS NOT NULL AND push_decided_at IS NULL "
				  "RETURNING company_id",
				  DB_TEXT(application_id));
	if (st != ST_OK)
		return st;
	if (db_rows(r) != 1)
		return status_fail(ST_CONFLICT, "the batch is decided already");
	const char *company = db_text(r, 0, "company_id");
	st = queue_add(db, a, "batch_push", application_id, 0);
	if (st == ST_OK)
		st = db_query(db, a, &r, "UPDATE company SET trusted_at = now() WHERE id = $1 AND trusted_at IS NULL", DB_TEXT(company));
	if (st == ST_OK && db_affected(r) == 1)
		st = audit_write(db, a, actor, "company.trusted", NULL, arena_printf(a, "company:%s", company), "ok", NULL);
	return st;
}

enum status batch_withdraw(struct db *db, struct arena *a, const struct keys *keys, const struct actor *actor, const char *application_id,
			   int *withdrawn)
{
	const struct cards_change change = {
		.application_id = application_id, .from = {CARD_SUBMITTED, CARD_REVIEW, CARD_NEEDS_MORE}, .to = CARD_WITHDRAWN};
	enum status st = db_query(db, a, NULL, "SELECT FROM application WHERE id = $1 AND submitted_at IS NOT NULL FOR UPDATE", DB_TEXT(application_id));
	if (st == ST_OK)
		st = cards_transition(db, a, actor, &change, withdrawn);
	if (st != ST_OK || *withdrawn == 0)
		return st;
	st = audit_write(db, a, actor, "application.withdrawn", application_id, arena_printf(a, "application:%s", application_id), "ok",
			 arena_printf(a, "{\"cards\":%d}", *withdrawn));
	return st == ST_OK ? cards_tell(db, a, keys, application_id, CARD_WITHDRAWN) : st;
}
