/* One message for an unknown VIN and for a wrong proof, with the same work behind both; wrong proofs lock the VIN for the address and
 * only slow it for others. */
#include "flow/proof.h"

#include <string.h>

#include "base/clock.h"
#include "domain/field_rules.h"
#include "domain/identifiers.h"
#include "store/limits.h"

const struct field proof_fields[] = {
	[PROOF_VIN] = {"vin", text_code, rule_vin},
	[PROOF_SIX] = {"proof", text_code, rule_last_six},
	{0},
};

/* True when one of the comma-separated numbers ends with the six characters; looks at every number. */
static bool ends_with(struct arena *a, const char *numbers, const char *six)
{
	bool found = false;
	char *copy = text_code(a, numbers ? numbers : ""), *rest = copy, *one;

	while ((one = strsep(&rest, ",")) != NULL) {
		size_t n = strlen(one);

		if (n >= 6 && crypt_equal(one + n - 6, six, 6))
			found = true;
	}
	return found;
}

/* Looks the car up and compares; *vehicle_id stays NULL for an unknown VIN as for a wrong proof. */
static enum status prove(struct request *r, const char *company_id, const char *vin, const char *six, const char **vehicle_id)
{
	struct db_result *l;
	struct arena *a = r->arena;
	bool known, engine, motor;
	enum status st = db_query(r->site->db, a, &l,
				  "SELECT v.id, v.engine_num, v.motor_num FROM vehicle v JOIN automaker m ON m.id = v.automaker_id WHERE v.vin = $1 AND m.slug = $2"
				  " AND ($3::uuid IS NULL OR NOT EXISTS (SELECT FROM company_vehicle o WHERE o.vehicle_id = v.id AND o.company_id <> $3::uuid))",
				  DB_TEXT(vin), DB_TEXT(r->site->config->automaker), DB_TEXT(company_id));

	*vehicle_id = NULL;
	if (st != ST_OK)
		return st;
	known = db_rows(l) == 1;
	/* An unknown car is compared too, so that the work is the same. */
	engine = ends_with(a, known ? db_text(l, 0, "engine_num") : "UNKNOWN000000", six);
	motor = ends_with(a, known ? db_text(l, 0, "motor_num") : NULL, six);
	if (known && (engine || motor))
		*vehicle_id = db_text(l, 0, "id");
	return ST_OK;
}

/* Whether others made so many wrong proofs for this VIN that it is slowed: when it may be tried again, 0 when now. */
static enum status slowed(struct request *r, const char *vin, int64_t *until)
{
	const struct config *c = r->site->config;
	struct bytes key = crypt_lookup(r->arena, keys_current(&r->site->keys->lookup), "proof.vin", vin);
	struct db_result *l;
	enum status st = db_query(r->site->db, r->arena, &l,
				  "SELECT count(*) AS wrong, ceil(extract(epoch FROM max(at)))::bigint AS last FROM attempt WHERE kind = 'proof.vin' AND key = $1"
				  " AND at > now() - interval '1 hour'",
				  DB_BYTES(key));

	*until = 0;
	if (st == ST_OK && db_int(l, 0, "wrong") >= c->proof_vin_hour && db_int(l, 0, "last") + c->proof_vin_gap_s > clock_now())
		*until = db_int(l, 0, "last") + c->proof_vin_gap_s;
	return st;
}

enum status proof_check(struct request *r, const struct actor *actor, const char *application_id, const char *company_id, const char *const *value,
			const char **vehicle_id)
{
	struct db *db = r->site->db;
	struct arena *a = r->arena;
	const char *network = limit_network(a, r->address), *pair = arena_printf(a, "%s|%s", value[PROOF_VIN], network);
	const struct limit_key checked[] = {{"proof.pair", pair}, {"proof.address", network}};
	const struct limit_key wrong[] = {{"proof.pair", pair}, {"proof.address", network}, {"proof.vin", value[PROOF_VIN]}};
	struct limit_refusal refusal;
	int64_t until;
	enum status st = limits_check(db, a, r->site->config, r->site->keys, checked, 2, &refusal);

	*vehicle_id = NULL;
	if (st == ST_OK)
		st = slowed(r, value[PROOF_VIN], &until);
	if (st != ST_OK)
		return st;
	if (refusal.kind) {
		form_error(r, "proof", "proof.locked", clock_page_hour(a, refusal.until + 59));
		return ST_OK;
	}
	if (until) {
		form_error(r, "proof", "proof.slow", arena_printf(a, "%d", (int)(until - clock_now())));
		return ST_OK;
	}
	st = prove(r, company_id, value[PROOF_VIN], value[PROOF_SIX], vehicle_id);
	if (st != ST_OK || *vehicle_id)
		return st;
	st = limits_record(db, a, r->site->keys, wrong, 3);
	if (st == ST_OK)
		st = audit_write(db, a, actor, company_id ? "company.vehicle_proof" : "draft.vehicle_proof", application_id, NULL, "wrong", NULL);
	form_error(r, "proof", refusal.left > 1 ? "vehicle.mismatch" : "vehicle.mismatch_last", arena_printf(a, "%d", refusal.left - 1));
	return st;
}

void proof_hints(struct request *r, const char *typed)
{
	char *vin = text_code(r->arena, typed);

	if (vin_check(vin) == VIN_LETTERS)
		view_set(request_view(r), "Vin.suggestion", vin_suggest(r->arena, vin));
	else if (vin_check(vin) == VIN_OK && vin_domestic(vin) && !vin_check_digit_ok(vin))
		view_flag(request_view(r), "Vin.check_hint", 1);
}
