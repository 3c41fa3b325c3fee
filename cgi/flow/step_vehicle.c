/* 选择车辆: the VIN and the last six of the engine or motor number as proof, on one page. One message for an unknown VIN and for
 * a wrong proof, with the same work behind both; wrong proofs lock the VIN for the address and only slow it for others. */
#include <string.h>

#include "base/clock.h"
#include "domain/field_rules.h"
#include "domain/identifiers.h"
#include "flow/entry.h"
#include "flow/steps.h"
#include "store/limits.h"

enum { FIELD_VIN, FIELD_PROOF };
static const struct field fields[] = {
	[FIELD_VIN] = {"vin", text_code, rule_vin},
	[FIELD_PROOF] = {"proof", text_code, rule_last_six},
	{0},
};

static bool vehicle_done(const struct draft *d)
{
	return d->vehicle_id != NULL;
}

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
static enum status prove(struct flow_visit *v, const char *vin, const char *six, const char **vehicle_id)
{
	struct db_result *r;
	struct arena *a = v->r->arena;
	bool known, engine, motor;
	enum status st = db_query(v->r->site->db, a, &r,
	                          "SELECT v.id, v.engine_num, v.motor_num FROM vehicle v JOIN automaker m ON m.id = v.automaker_id"
	                          " WHERE v.vin = $1 AND m.slug = $2",
	                          DB_TEXT(vin), DB_TEXT(v->r->site->config->automaker));

	*vehicle_id = NULL;
	if (st != ST_OK)
		return st;
	known = db_rows(r) == 1;
	/* An unknown car is compared too, so that the work is the same. */
	engine = ends_with(a, known ? db_text(r, 0, "engine_num") : "UNKNOWN000000", six);
	motor = ends_with(a, known ? db_text(r, 0, "motor_num") : NULL, six);
	if (known && (engine || motor))
		*vehicle_id = db_text(r, 0, "id");
	return ST_OK;
}

/* Whether others made so many wrong proofs for this VIN that it is slowed: seconds to wait, 0 when not. */
static enum status slowed(struct flow_visit *v, const char *vin, int64_t *until)
{
	const struct config *c = v->r->site->config;
	struct bytes key = crypt_lookup(v->r->arena, keys_current(&v->r->site->keys->lookup), "proof.vin", vin);
	struct db_result *r;
	enum status st = db_query(v->r->site->db, v->r->arena, &r,
	                          "SELECT count(*) AS wrong, extract(epoch FROM max(at))::bigint AS last FROM attempt WHERE kind = 'proof.vin' AND key = $1"
	                          " AND at > now() - interval '1 hour'",
	                          DB_BYTES(key));

	*until = 0;
	if (st == ST_OK && db_int(r, 0, "wrong") >= c->proof_vin_hour && db_int(r, 0, "last") + c->proof_vin_gap_s > clock_now())
		*until = db_int(r, 0, "last") + c->proof_vin_gap_s;
	return st;
}

static void vehicle_typed(struct request *r)
{
	const char *value[2];

	form_check(r, fields, value);
}

void vehicle_fill(struct flow_visit *v)
{
	const char *typed = request_field(v->r, "vin");

	if (typed) {
		char *vin = text_code(v->r->arena, typed);

		if (vin_check(vin) == VIN_LETTERS)
			view_set(request_view(v->r), "Vin.suggestion", vin_suggest(v->r->arena, vin));
		else if (vin_check(vin) == VIN_OK && vin_domestic(vin) && !vin_check_digit_ok(vin))
			view_flag(request_view(v->r), "Vin.check_hint", 1);
	} else if (v->draft.vin) {
		form_value(v->r, "vin", v->draft.vin);
	}
}

static enum status vehicle_show(struct flow_visit *v)
{
	struct entry_car cars[ENTRY_CARS_MAX];
	int count;
	enum status st = entry_cars(v->r->site->db, v->r->arena, NULL, v->draft.id, cars, &count);

	if (st != ST_OK)
		return st;
	/* One car is chosen already; of several none is ticked for the person. */
	entry_show_cars(v->r, cars, count, count == 1 ? cars[0].vehicle_id : v->draft.vehicle_id);
	vehicle_fill(v);
	return ST_OK;
}

/* One of the cars of the link that the draft came by: who made the link has proved them. */
static enum status owned_submit(struct flow_visit *v)
{
	struct request *r = v->r;
	struct entry_car cars[ENTRY_CARS_MAX];
	const char *id = request_field(r, "car");
	int count, i = 0;
	enum status st = flow_lock(v);

	if (st == ST_OK)
		st = entry_cars(r->site->db, r->arena, NULL, v->draft.id, cars, &count);
	if (st != ST_OK)
		return st;
	while (i < count && !text_equal(cars[i].vehicle_id, id))
		i++;
	if (i == count) {
		form_error(r, "car", "car.choose", NULL);
		return ST_OK;
	}
	st = entry_prove(r->site->db, r->arena, &v->actor, &v->draft, cars[i].vehicle_id);
	return st == ST_OK ? db_commit(r->site->db) : st;
}

static enum status vehicle_submit(struct flow_visit *v)
{
	struct request *r = v->r;
	struct db *db = r->site->db;
	struct arena *a = r->arena;
	const char *value[2], *vehicle_id;
	struct limit_refusal refusal;
	int64_t until;
	enum status st;

	if (text_equal(request_field(r, "action"), "owned"))
		return owned_submit(v);
	if (form_check(r, fields, value) > 0)
		return ST_OK;
	const char *network = limit_network(a, r->address), *pair = arena_printf(a, "%s|%s", value[FIELD_VIN], network);
	const struct limit_key checked[] = {{"proof.pair", pair}, {"proof.address", network}};
	const struct limit_key wrong[] = {{"proof.pair", pair}, {"proof.address", network}, {"proof.vin", value[FIELD_VIN]}};

	st = flow_lock(v);
	if (st == ST_OK)
		st = limits_check(db, a, r->site->config, r->site->keys, checked, 2, &refusal);
	if (st == ST_OK)
		st = slowed(v, value[FIELD_VIN], &until);
	if (st != ST_OK)
		return st;
	if (refusal.kind) {
		form_error(r, "proof", "proof.locked", clock_page_hour(a, refusal.until + 59));
		return db_commit(db);
	}
	if (until) {
		form_error(r, "proof", "proof.slow", arena_printf(a, "%d", (int)(until - clock_now())));
		return db_commit(db);
	}
	st = prove(v, value[FIELD_VIN], value[FIELD_PROOF], &vehicle_id);
	if (st != ST_OK)
		return st;
	if (!vehicle_id) {
		st = limits_record(db, a, r->site->keys, wrong, 3);
		if (st == ST_OK)
			st = audit_write(db, a, &v->actor, "draft.vehicle_proof", v->draft.id, NULL, "wrong", NULL);
		form_error(r, "proof", refusal.left > 1 ? "vehicle.mismatch" : "vehicle.mismatch_last", arena_printf(a, "%d", refusal.left - 1));
		return st == ST_OK ? db_commit(db) : st;
	}
	st = draft_set_vehicle(db, a, &v->actor, &v->draft, vehicle_id);
	return st == ST_OK ? db_commit(db) : st;
}

const struct step step_vehicle = {.slug = "vehicle",
                                  .template_name = "step/vehicle",
                                  .heading = "选择车辆",
                                  .part = 1,
                                  .done = vehicle_done,
                                  .show = vehicle_show,
                                  .submit = vehicle_submit,
                                  .typed = vehicle_typed};
