/* 选择车辆: the VIN and the last six of the engine or motor number as proof, on one page. */
#include "flow/entry.h"
#include "flow/proof.h"
#include "flow/steps.h"

static bool vehicle_done(const struct draft *d)
{
	return d->vehicle_id != NULL;
}

static void vehicle_typed(struct request *r)
{
	const char *value[PROOF_FIELDS];

	form_check(r, proof_fields, value);
}

void vehicle_fill(struct flow_visit *v)
{
	const char *typed = request_field(v->r, "vin");

	if (typed)
		proof_hints(v->r, typed);
	else if (v->draft.vin)
		form_value(v->r, "vin", v->draft.vin);
}

static enum status vehicle_show(struct flow_visit *v)
{
	struct entry_car cars[ENTRY_CARS_MAX];
	int count = 0;
	enum status st = v->draft.entry_link_id ? entry_cars(v->r->site->db, v->r->arena, v->draft.entry_link_id, cars, &count) : ST_OK;

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
	int count = 0, i = 0;
	enum status st = flow_lock(v);

	if (st == ST_OK && v->draft.entry_link_id)
		st = entry_cars(r->site->db, r->arena, v->draft.entry_link_id, cars, &count);
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
	const char *value[PROOF_FIELDS], *vehicle_id;
	enum status st;

	if (text_equal(request_field(r, "action"), "owned"))
		return owned_submit(v);
	if (form_check(r, proof_fields, value) > 0)
		return ST_OK;
	st = flow_lock(v);
	if (st == ST_OK)
		st = proof_check(r, &v->actor, v->draft.id, NULL, value, &vehicle_id);
	if (st == ST_OK && vehicle_id)
		st = draft_set_vehicle(db, r->arena, &v->actor, &v->draft, vehicle_id);
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
