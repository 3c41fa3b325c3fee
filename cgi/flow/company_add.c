/* A car that the operator's file does not have: whoever knows its VIN and engine or motor number has it in hand. */
#include "flow/company_pages.h"
#include "flow/flow.h"
#include "flow/proof.h"

#define PLACE COMPANY_PLACE "/add"

static enum status show(struct company_visit *c, int http_status)
{
	struct request *r = c->r;
	struct view *v = request_view(r);
	const char *typed = r->method == METHOD_POST ? request_field(r, "vin") : NULL;
	struct db_result *l;
	enum status st = db_query(r->site->db, r->arena, &l, "SELECT count(*) AS cars FROM company_vehicle WHERE company_id = $1", DB_TEXT(c->company.id));

	if (st != ST_OK)
		return st;
	if (typed)
		proof_hints(r, typed);
	if (r->method != METHOD_POST && request_query(r, "done"))
		view_set(v, "Page.notice", "已加入。可以接着添加下一辆，或返回去办理");
	view_set(v, "Cars.all", db_text(l, 0, "cars"));
	page_common(r, "添加车辆", NULL);
	view_set(v, "Page.back", COMPANY_PLACE);
	view_set(v, "Page.action", PLACE);
	return respond_page(r, http_status, "fleet/add");
}

/* Whether the proved car can be a company's; a form error when not. */
static enum status check(struct company_visit *c, const char *vehicle_id)
{
	struct db_result *l;
	enum status st = db_query(c->r->site->db, c->r->arena, &l,
				  "SELECT coalesce(v.owner_type = 'person', false) OR " VEHICLE_OF_A_PERSON " AS person FROM vehicle v WHERE v.id = $1",
				  DB_TEXT(vehicle_id));

	if (st == ST_OK && db_bool(l, 0, "person"))
		form_error(c->r, "vin", "car.person", NULL);
	return st;
}

/* In the caller's transaction. */
static enum status add(struct company_visit *c, const char *const *value)
{
	struct request *r = c->r;
	struct db *db = r->site->db;
	const char *vehicle_id;
	bool added;
	enum status st = proof_check(r, &c->actor, NULL, c->company.id, value, &vehicle_id);

	if (st == ST_OK && vehicle_id)
		st = check(c, vehicle_id);
	if (st != ST_OK || form_errors(r) > 0)
		return st;
	st = company_vehicle_add(db, r->arena, &c->actor, c->company.id, vehicle_id, &added);
	if (st == ST_OK && !added)
		form_error(r, "vin", "car.here", NULL);
	return st;
}

enum status fleet_add_serve(struct request *r)
{
	struct db *db = r->site->db;
	const char *value[PROOF_FIELDS];
	struct company_visit c;
	enum status st = company_visit(&c, r);

	if (st != ST_OK)
		return st == ST_DENIED && r->answered ? ST_OK : st;
	if (r->method != METHOD_POST)
		return show(&c, 200);
	if (form_check(r, proof_fields, value) > 0)
		return show(&c, 422);
	st = db_begin(db);
	if (st == ST_OK)
		st = add(&c, value);
	if (st == ST_OK)
		st = db_commit(db);
	if (st != ST_OK) {
		db_rollback(db);
		return st;
	}
	return form_errors(r) > 0 ? show(&c, 422) : respond_redirect(r, PLACE "?done=1");
}
