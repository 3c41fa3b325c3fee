/* The submission: see submission.h. */
#include "store/submission.h"

#include "domain/kind.h"
#include "domain/review.h"
#include "store/cards.h"
#include "store/datakey.h"

enum status submission_count_cards(struct db *db, struct arena *a, const struct draft *d, struct bytes number_hash, bool lock, int *held, int *wanted)
{
	struct db_result *r;
	enum status st = ST_OK;

	*held = *wanted = 0;
	if (lock)
		st = db_query(db, a, NULL, "SELECT pg_advisory_xact_lock(hashtext('holder'), hashtext(encode($1::bytea, 'hex')))", DB_BYTES(number_hash));
	if (st == ST_OK)
		st = db_query(db, a, &r,
		              "SELECT w.wanted, (SELECT count(*) FROM registration g WHERE g.holder_number_hash = $2 AND g.carrier_id = w.carrier_id"
		              " AND g.holder = 'person' AND g.ended_at IS NULL)"
		              " + (SELECT count(*) FROM application_party p JOIN application o ON o.id = p.application_id AND o.kind = 'register'"
		              " JOIN application_card oc ON oc.application_id = o.id AND oc.state IN ('submitted', 'review', 'needs_more', 'pushing')"
		              " JOIN card c ON c.id = oc.card_id WHERE p.number_hash = $2 AND p.role = 'holder' AND c.carrier_id = w.carrier_id"
		              " AND o.id <> $1::uuid) AS held"
		              " FROM (SELECT c.carrier_id, count(*) AS wanted FROM application_card ac JOIN card c ON c.id = ac.card_id"
		              " WHERE ac.application_id = $1::uuid GROUP BY c.carrier_id) w ORDER BY 2 DESC",
		              DB_TEXT(d->id), DB_BYTES(number_hash));
	if (st != ST_OK)
		return st;
	for (int i = 0; i < db_rows(r); i++) {
		int h = (int)db_int(r, i, "held"), w = (int)db_int(r, i, "wanted");

		if (h + w > *held + *wanted) {
			*held = h;
			*wanted = w;
		}
	}
	return ST_OK;
}

enum status submission_hold_cards(struct db *db, struct arena *a, const struct draft *d, int *left)
{
	struct db_result *r;
	enum status st = db_query(db, a, &r, "SELECT application_hold_cards($1) AS left", DB_TEXT(d->id));

	*left = st == ST_OK ? (int)db_int(r, 0, "left") : 0;
	return st;
}

enum status submission_other_holder(struct db *db, struct arena *a, const struct draft *d, struct bytes number_hash, bool *other)
{
	struct db_result *r;
	enum status st = db_query(db, a, &r,
	                          "SELECT count(*) AS others FROM application_card ac JOIN registration g ON g.card_id = ac.card_id AND g.ended_at IS NULL"
	                          " WHERE ac.application_id = $1 AND (g.holder <> 'person' OR g.holder_number_hash <> $2)",
	                          DB_TEXT(d->id), DB_BYTES(number_hash));

	*other = st == ST_OK && db_int(r, 0, "others") > 0;
	return st;
}

enum status submission_own(struct db *db, struct arena *a, const struct draft *d, bool *own)
{
	struct db_result *r;
	enum status st = db_query(db, a, &r,
	                          "SELECT coalesce(bool_and(g.holder = 'person' AND (g.holder_number_hash IS NOT DISTINCT FROM p.number_hash"
	                          " OR (d.phone_proved_at IS NOT NULL AND f.phone_hash IS NOT DISTINCT FROM d.phone_hash))), false) AS own"
	                          " FROM application d JOIN card_binding b ON b.vehicle_id = d.vehicle_id AND b.bound_until IS NULL"
	                          " JOIN registration g ON g.card_id = b.card_id AND g.ended_at IS NULL JOIN application f ON f.id = g.from_application_id"
	                          " LEFT JOIN application_party p ON p.application_id = d.id AND p.role = 'holder' AND d.certificate_confirmed_at IS NOT NULL"
	                          " WHERE d.id = $1",
	                          DB_TEXT(d->id));

	*own = st == ST_OK && db_bool(r, 0, "own");
	return st;
}

/* The names of the reasons as a PostgreSQL array. */
static char *reason_array(struct arena *a, unsigned reasons)
{
	return arena_printf(a, "{%s}", review_names(a, reasons));
}

enum status submission_decide(struct db *db, struct arena *a, const struct config *config, const struct keys *keys, const struct actor *actor,
                              const struct draft *d, unsigned reasons)
{
	const struct application_kind *kind = application_kind(d->kind);
	struct db_result *cards;
	enum status st;

	if (!kind)
		return status_fail(ST_ERROR, "what an application of this kind does to a registration is not defined");
	st = db_query(db, a, NULL, "UPDATE application SET submitted_at = now(), review_reasons = $2::text[], version = version + 1 WHERE id = $1",
	              DB_TEXT(d->id), DB_TEXT(reason_array(a, reasons)));
	if (st == ST_OK)
		st = audit_write(db, a, actor, "application.submitted", d->id, arena_printf(a, "application:%s", d->id), reasons ? "review" : "pushing", NULL);
	if (st == ST_OK)
		/* by card: two applications for the same cards meet at the same one first, and neither waits for the other in a circle */
		st = db_query(db, a, &cards, "SELECT id FROM application_card WHERE application_id = $1 ORDER BY card_id FOR UPDATE", DB_TEXT(d->id));
	if (st == ST_OK && db_rows(cards) == 0)
		return status_fail(ST_CONFLICT, "no card is chosen");
	for (int i = 0; st == ST_OK && i < db_rows(cards); i++) {
		struct card_change change = {.application_card_id = db_text(cards, i, "id"), .to = CARD_SUBMITTED};

		st = card_transition(db, a, config, keys, actor, &change);
		change.to = CARD_REVIEW;
		if (st == ST_OK && reasons)
			st = card_transition(db, a, config, keys, actor, &change);
	}
	if (st == ST_OK)
		st = cards_still_fit(db, a, d->id, kind->ends);
	if (st == ST_OK && !reasons)
		st = cards_push(db, a, config, keys, actor, d->id);
	return st;
}

enum status submission_known_owner(struct db *db, struct arena *a, const struct keys *keys, const char *vehicle_id, char **name, char **number)
{
	struct db_result *r;
	struct crypt_key key;
	enum status st;

	*name = *number = NULL;
	st = db_query(db, a, &r, "SELECT data_key_id, owner_name_sealed, owner_number_sealed FROM vehicle WHERE id = $1", DB_TEXT(vehicle_id));
	if (st != ST_OK || db_rows(r) == 0 || (db_is_null(r, 0, "owner_name_sealed") && db_is_null(r, 0, "owner_number_sealed")))
		return st;
	st = datakey_load(db, a, keys, db_text(r, 0, "data_key_id"), &key);
	if (st == ST_OK)
		st = opened_text(a, &key, "vehicle", "owner_name", vehicle_id, db_bytes(r, 0, "owner_name_sealed"), name);
	if (st == ST_OK)
		st = opened_text(a, &key, "vehicle", "owner_number", vehicle_id, db_bytes(r, 0, "owner_number_sealed"), number);
	crypt_wipe(&key, sizeof key);
	return st;
}
