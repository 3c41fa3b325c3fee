/* What the database knows of companies, admins and cars, and what it gets of them. */
#include <string.h>

#include "operator/import_fleet.h"
#include "store/company.h"
#include "store/company_member.h"

#define ARRAY_BYTES_MAX ((size_t)1024 * 1024)

enum status fleet_store_start(struct fleet_store *s)
{
	struct command *c = s->c;
	enum status st = db_script(c->db, "SET LOCAL lock_timeout = '60s'; SET LOCAL statement_timeout = '120s'");

	if (st == ST_OK)
		st = db_query(c->db, c->a, NULL, "SELECT pg_advisory_xact_lock($1)", DB_INT(IMPORT_LOCK));
	return st == ST_BUSY ? status_fail(ST_BUSY, "another import has been running for a minute") : st;
}

/* ---- companies ---- */

/* Makes the company or takes over its name, once an import; *good is false, reported, when that cannot be. */
static enum status write_company(struct fleet_store *s, struct fleet_company *f, int line, bool *good, struct import_faults *faults)
{
	struct command *c = s->c;
	struct db_result *r;
	char *id = crypt_uuid(c->a);
	enum status st;

	*good = true;
	if (f->id)
		return ST_OK;
	st = db_query(c->db, c->a, &r,
		      "SELECT k.id, k.name, k.opened_by, k.closed_at IS NOT NULL AS closed FROM company k JOIN automaker m ON m.id = k.automaker_id"
		      " WHERE k.code = $1 AND m.slug = $2 FOR UPDATE OF k",
		      DB_TEXT(f->code), DB_TEXT(c->config->automaker));
	if (st != ST_OK)
		return st;
	if (db_rows(r) == 0 && !f->name) {
		import_fault(faults, line, "Name", "is missing: there is no company with this Code yet");
		*good = false;
		return ST_OK;
	}
	if (db_rows(r) == 1 && db_bool(r, 0, "closed")) {
		import_fault(faults, line, "Code", "the company was closed (company reopen)");
		*good = false;
		return ST_OK;
	}
	if (db_rows(r) == 1) {
		f->id = db_text(r, 0, "id");
		f->opened_itself = text_equal(db_text(r, 0, "opened_by"), "self");
		return db_query(c->db, c->a, NULL,
				"UPDATE company SET name = coalesce($2, name), opened_by = 'import', trusted_at = coalesce(trusted_at, now()) WHERE id = $1",
				DB_TEXT(f->id), DB_TEXT(f->name));
	}
	st = db_query(c->db, c->a, &r,
		      "INSERT INTO company (id, automaker_id, code, name, opened_by, trusted_at) SELECT $1, id, $2, $3, 'import', now() FROM automaker"
		      " WHERE slug = $4",
		      DB_TEXT(id), DB_TEXT(f->code), DB_TEXT(f->name), DB_TEXT(c->config->automaker));
	if (st == ST_CONFLICT)
		return status_fail(ST_CONFLICT, "line %d: the company opened itself at this moment: import again", line);
	if (st == ST_OK && db_affected(r) != 1)
		return status_fail(ST_INVALID, "the automaker of the settings is not loaded");
	f->id = id;
	s->counts.companies_new++;
	return st;
}

/* ---- admins ---- */

static enum status write_contact(struct fleet_store *s, struct arena *a, struct fleet_company *f, const struct fleet_contact *contact)
{
	struct command *c = s->c;
	struct company_member m;
	bool added = false;
	enum status st = company_member_of_phone(c->db, a, c->keys, f->id, contact->phone, &m);

	if (st != ST_OK)
		return st;
	if (!m.id && m.was_removed && !s->restore) {
		s->counts.admins_kept_out++;
		return ST_OK;
	}
	st = company_member_add(c->db, a, c->keys, &c->actor, f->id, contact->phone, contact->name, "import", &m, &added);
	if (st != ST_OK)
		return st;
	f->admins_new += added;
	s->counts.admins_new += added;
	buffer_printf(&f->admins, "%s%s", f->admins.length ? "," : "", m.id);
	return f->admins.overflow ? status_fail(ST_LIMIT, "%s has too many admins", f->code) : ST_OK;
}

/* ---- cars ---- */

static enum status look_up(struct fleet_store *s, struct arena *a, const struct fleet_row *rows, int count, struct db_result **out)
{
	struct buffer vins;
	enum status st;

	buffer_init(&vins, a, ARRAY_BYTES_MAX);
	for (int i = 0; i < count; i++)
		if (rows[i].vin) /* letters and digits only */
			buffer_printf(&vins, "%s%s", vins.length ? "," : "{", rows[i].vin);
	buffer_text(&vins, vins.length ? "}" : "{}");
	/* whoever submits cards of these cars waits until they are the company's (application_hold_cards), or was first and is seen */
	st = db_query(s->c->db, a, NULL,
		      "SELECT FROM card_binding b JOIN vehicle v ON v.id = b.vehicle_id WHERE v.vin = ANY ($1::text[]) AND b.bound_until IS NULL"
		      " AND (v.owner_type IS DISTINCT FROM 'organisation' OR $2) ORDER BY b.id FOR NO KEY UPDATE OF b",
		      DB_TEXT(vins.data), DB_BOOL(s->move));
	if (st != ST_OK)
		return st;
	return db_query(s->c->db, a, out,
			"SELECT v.id, v.vin, v.owner_type, o.company_id, k.code, o.standing, " VEHICLE_OF_A_PERSON " AS of_a_person"
			" FROM vehicle v JOIN automaker m ON m.id = v.automaker_id"
			" LEFT JOIN company_vehicle o ON o.vehicle_id = v.id LEFT JOIN company k ON k.id = o.company_id"
			" WHERE v.vin = ANY ($1::text[]) AND m.slug = $2",
			DB_TEXT(vins.data), DB_TEXT(s->c->config->automaker));
}

/* Whether the car can be this company's; *moves: it is another's until now. */
static bool car_fits(const struct fleet_store *s, const struct db_result *cars, int car, const struct fleet_row *row, bool *moves,
		     struct import_faults *faults)
{
	int before = faults->shown;
	const char *code = car >= 0 ? db_text(cars, car, "code") : NULL;

	*moves = code && strcmp(code, row->code) != 0;
	if (car < 0)
		import_fault(faults, row->line, "VIN", "there is no such car: import cars first");
	else if (text_equal(db_text(cars, car, "owner_type"), "person"))
		import_fault(faults, row->line, "VIN", "the car belongs to a person by its OwnerType: import it again with another one");
	else if (db_bool(cars, car, "of_a_person"))
		import_fault(faults, row->line, "VIN",
			     "cannot be a company's now: a person has registered a card of it, or applies for one; that has to end first "
			     "(its holder cancels it, or the application is withdrawn or refused)");
	else if (*moves && !s->move)
		import_fault(faults, row->line, "VIN", "is a car of %s (--move gives it to this company)", code);
	else if (*moves && !text_equal(db_text(cars, car, "standing"), "free"))
		import_fault(faults, row->line, "VIN", "cannot move from %s: its cards are registered, or in an application", code);
	return faults->shown == before;
}

struct car_lists {
	struct buffer vehicles, companies, moved;
};

static void list(struct buffer *b, const char *id)
{
	buffer_printf(b, "%s%s", b->length ? "," : "{", id);
}

static const char *listed(struct buffer *b)
{
	buffer_text(b, b->length ? "}" : "{}");
	return b->data;
}

static enum status write_cars(struct fleet_store *s, struct arena *a, struct car_lists *l)
{
	struct db *db = s->c->db;
	const char *vehicles = listed(&l->vehicles), *companies = listed(&l->companies), *moved = listed(&l->moved);
	struct db_result *r;
	enum status st = db_query(db, a, &r,
				  "WITH gone AS (DELETE FROM company_vehicle WHERE vehicle_id = ANY ($1::uuid[]) AND standing = 'free' RETURNING vehicle_id)"
				  " SELECT (SELECT count(*) FROM gone) AS moved, cardinality($1::uuid[]) AS wanted",
				  DB_TEXT(moved));

	if (st == ST_OK && db_int(r, 0, "moved") != db_int(r, 0, "wanted"))
		return status_fail(ST_CONFLICT, "a car that moves came into an application at this moment: import again");
	if (st == ST_OK)
		s->counts.cars_moved += (int)db_int(r, 0, "moved");
	if (st == ST_OK)
		st = db_query(db, a, &r,
			      "INSERT INTO company_vehicle (company_id, vehicle_id, vin, model, standing, source)"
			      " SELECT x.company_id, v.id, v.vin, v.vehicle_model, coalesce(vehicle_standing(v.id), 'free'), 'import'"
			      " FROM unnest($1::uuid[], $2::uuid[]) AS x (company_id, vehicle_id) JOIN vehicle v ON v.id = x.vehicle_id ORDER BY v.vin"
			      " ON CONFLICT (company_id, vehicle_id) DO UPDATE SET source = 'import', model = excluded.model RETURNING xmax = 0 AS fresh",
			      DB_TEXT(companies), DB_TEXT(vehicles));
	for (int i = 0; st == ST_OK && i < db_rows(r); i++)
		s->counts.cars_new += db_bool(r, i, "fresh");
	if (st == ST_OK) /* a person cannot register it any more */
		st = db_query(db, a, NULL, "UPDATE vehicle SET owner_type = 'organisation' WHERE id = ANY ($1::uuid[]) AND owner_type IS NULL", DB_TEXT(vehicles));
	return st;
}

enum status fleet_store_batch(struct fleet_store *s, struct arena *a, const struct fleet_row *rows, struct fleet_company **companies, int count,
			      int *taken, struct import_faults *faults)
{
	struct car_lists lists;
	struct db_result *cars;
	enum status st = look_up(s, a, rows, count, &cars);

	buffer_init(&lists.vehicles, a, ARRAY_BYTES_MAX);
	buffer_init(&lists.companies, a, ARRAY_BYTES_MAX);
	buffer_init(&lists.moved, a, ARRAY_BYTES_MAX);
	*taken = 0;
	for (int i = 0; st == ST_OK && i < count; i++) {
		int car = rows[i].vin ? import_find(cars, "vin", rows[i].vin, 18) : -1;
		bool good, moves = false;

		if (rows[i].vin && !car_fits(s, cars, car, &rows[i], &moves, faults))
			continue;
		st = write_company(s, companies[i], rows[i].line, &good, faults);
		if (st != ST_OK || !good)
			continue;
		for (int k = 0; st == ST_OK && k < rows[i].contact_count; k++)
			st = write_contact(s, a, companies[i], &rows[i].contacts[k]);
		if (car >= 0) {
			list(&lists.vehicles, db_text(cars, car, "id"));
			list(&lists.companies, companies[i]->id);
			if (moves)
				list(&lists.moved, db_text(cars, car, "id"));
			companies[i]->cars++;
		}
		(*taken)++;
	}
	return st == ST_OK ? write_cars(s, a, &lists) : st;
}

/* ---- the end ---- */

/* Whoever opened the company himself, and is no contact of the file, would see cars that he did not prove: staff have to let him in. */
static enum status others_wait(struct fleet_store *s, struct fleet_company *f)
{
	struct command *c = s->c;
	struct db_result *r;
	enum status st = db_query(c->db, c->a, &r,
				  "UPDATE company_member SET state = 'waiting' WHERE company_id = $1 AND state = 'active'"
				  " AND NOT id = ANY ($2::uuid[]) RETURNING id",
				  DB_TEXT(f->id), DB_TEXT(arena_printf(c->a, "{%s}", f->admins.data)));

	for (int i = 0; st == ST_OK && i < db_rows(r); i++)
		st = audit_write(c->db, c->a, &c->actor, "company.member_waiting", NULL, arena_printf(c->a, "company_member:%s", db_text(r, i, "id")), "ok", NULL);
	if (st == ST_OK)
		f->waiting = db_rows(r);
	s->counts.admins_waiting += f->waiting;
	return st;
}

enum status fleet_store_end(struct fleet_store *s, struct fleet_company *companies)
{
	struct command *c = s->c;
	enum status st = ST_OK;

	for (struct fleet_company *f = companies; st == ST_OK && f; f = f->next) {
		if (!f->id)
			continue; /* none of its rows was good */
		if (f->opened_itself)
			st = others_wait(s, f);
		if (st == ST_OK)
			st = audit_write(c->db, c->a, &c->actor, "company.imported", NULL, arena_printf(c->a, "company:%s", f->id), "ok",
					 arena_printf(c->a, "{\"cars\":%d,\"admins_new\":%d,\"admins_waiting\":%d}", f->cars, f->admins_new, f->waiting));
	}
	return st;
}
