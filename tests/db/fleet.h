/* Companies with cars for tests: a company, cars by the dozen or by the thousand, and drafts of batches that lack nothing but their cars. */
#ifndef TESTS_DB_FLEET_H
#define TESTS_DB_FLEET_H

#include "party.h"
#include "store/batch.h"

struct fleet {
	struct catalogue cat;
	char *company, *member;
	struct company who;
	const char *prefix; /* of its VINs */
	int cars;           /* made so far */
};

static inline void fleet_company(struct fleet *f)
{
	fixture_catalogue(&f->cat, NULL);
	profile_set(&f->cat, PROFILE_WITH(""));
	f->company = crypt_uuid(a);
	f->member = crypt_uuid(a);
	f->cars = 0;
	f->prefix = VALUE(owner, "SELECT 'L' || lpad(upper(to_hex(count(*) % 1048576)), 5, '0') AS value FROM company", NULL);
	const char *code = arena_printf(a, "91%s", fixture_digits(16));
	OK(db_query(owner, a, NULL, "INSERT INTO company (id, automaker_id, code, name, opened_by) VALUES ($1, $2, $3, '示例物流有限公司', 'import')",
		    DB_TEXT(f->company), DB_TEXT(f->cat.automaker), DB_TEXT(code)));
	OK(db_query(owner, a, NULL,
		    "INSERT INTO company_member (id, company_id, phone_hash, phone_hash_key, state, added_by) VALUES ($1, $2, '\\x01', 'lookup-1', 'active', 'import')",
		    DB_TEXT(f->member), DB_TEXT(f->company)));
	f->who = (struct company){.exists = true, .id = f->company, .member_id = f->member, .name = "示例物流有限公司", .code = code, .trusted = true};
}

/* After thousands of rows, as the database does by itself after a minute: sessions that planned for a few rows plan again. */
static inline void fleet_analyze(int n)
{
	if (n >= 1000)
		OK(db_script(owner, "ANALYZE vehicle, card, card_binding, company_vehicle, application, application_card"));
}

/* n cars of the company more, each with so many cards, all like the car of the catalogue. */
static inline void fleet_cars(struct fleet *f, int n, int cards)
{
	const char *prefix = f->prefix;
	const char *number = VALUE(owner, "SELECT count(*)::text AS value FROM card", NULL);
	OK(db_query(owner, a, NULL,
		    "INSERT INTO vehicle (id, automaker_id, manufacturer_id, vin, network_date, status_updated_at, name_vehicle_enterprise, vehicle_type, "
		    "place_of_origin, vehicle_department, vehicle_name, vehicle_num, vehicle_model, body_color, fuel_type, motor_num, departure_time, "
		    "sales_time, data_key_id) SELECT gen_random_uuid(), v.automaker_id, v.manufacturer_id, $2 || lpad(n::text, 11, '0'), v.network_date, "
		    "v.status_updated_at, '企业', '1', '1', '品牌', '轿车', 'T100', CASE n % 3 WHEN 0 THEN '轻卡' ELSE '面包' END, '白', '3', "
		    "'M' || n, '20200101', '20200102101010', v.data_key_id FROM vehicle v, generate_series($3::integer, $4::integer) n WHERE v.id = $1",
		    DB_TEXT(f->cat.vehicle), DB_TEXT(prefix), DB_INT(f->cars + 1), DB_INT(f->cars + n)));
	fleet_analyze(n);
	OK(db_query(owner, a, NULL,
		    "WITH v AS MATERIALIZED (SELECT id, row_number() OVER (ORDER BY vin) AS n FROM vehicle WHERE vin > $2 || lpad($3::integer::text, 11, '0') AND vin < $2 || 'Z'), "
		    "c AS (INSERT INTO card (id, carrier_id, iccid, msisdn) SELECT gen_random_uuid(), $1, '8986' || lpad(($4::integer + n)::text, 15, '0'), "
		    "'144' || lpad(($4::integer + n)::text, 10, '0') FROM generate_series(1, $5::integer) n RETURNING id, iccid) "
		    "INSERT INTO card_binding (id, card_id, vehicle_id) SELECT gen_random_uuid(), x.id, v.id FROM "
		    "(SELECT id, row_number() OVER (ORDER BY iccid) AS n FROM c) x JOIN v ON v.n = (x.n - 1) / $6::integer + 1",
		    DB_TEXT(f->cat.carrier), DB_TEXT(prefix), DB_INT(f->cars), DB_TEXT(number), DB_INT(n * cards), DB_INT(cards)));
	OK(db_query(owner, a, NULL,
		    "INSERT INTO company_vehicle (company_id, vehicle_id, vin, model, standing, source) SELECT $1, id, vin, vehicle_model, 'free', 'import' "
		    "FROM vehicle WHERE vin > $2 || lpad($3::integer::text, 11, '0') AND vin < $2 || 'Z'",
		    DB_TEXT(f->company), DB_TEXT(prefix), DB_INT(f->cars)));
	f->cars += n;
	fleet_analyze(n);
}

/* All cars of the company as an array of PostgreSQL. */
static inline const char *fleet_all(const struct fleet *f)
{
	return VALUE(owner, "SELECT array_agg(vehicle_id ORDER BY vin)::text AS value FROM company_vehicle WHERE company_id = $1", f->company);
}

struct batch {
	struct application p;
	struct draft d;
	struct batch_scope scope;
};

/* A draft of the company with its papers; the basket is empty. */
static inline void fleet_draft(struct batch *b, const struct fleet *f, const char *kind)
{
	fixture_draft(&b->p, &f->cat, 0);
	make_organisation(&b->p);
	OK(db_query(owner, a, NULL, "UPDATE application SET company_id = $2, kind = $3, vehicle_id = NULL, phone_hash = m.phone_hash, phone_hash_key = m.phone_hash_key "
		    "FROM company_member m WHERE application.id = $1 AND m.id = $4",
		    DB_TEXT(b->p.id), DB_TEXT(f->company), DB_TEXT(kind), DB_TEXT(f->member)));
	b->d = (struct draft){.exists = true, .id = b->p.id, .company_id = f->company, .kind = kind};
	config.network_date_limit = "2021-09-28";
	OK(batch_scope_of(a, &config, &keys, &f->who, kind, &b->scope));
}

static inline int fleet_put(struct batch *b, const char *cars)
{
	int changed = 0;
	OK(db_begin(web));
	OK(batch_add(web, a, &tester, &b->d, &b->scope, cars, &changed));
	OK(db_commit(web));
	return changed;
}

/* A new company with n cars of so many cards, and all of them in a draft to register. */
static inline void fleet_filled(struct batch *b, struct fleet *f, int n, int cards)
{
	fleet_company(f);
	fleet_cars(f, n, cards);
	fleet_draft(b, f, "register");
	CHECK(fleet_put(b, fleet_all(f)) == n);
}

/* Submits what fits, as the page does. */
static inline enum status fleet_submit(struct db *db, struct batch *b, unsigned reasons)
{
	struct batch_look look;
	enum status st = batch_look(db, a, &b->d, &b->scope, &look);
	if (st == ST_OK)
		st = draft_lock(db, a, &b->d);
	if (st == ST_OK)
		st = batch_submit(db, a, &keys, &tester, &b->d, &b->scope, reasons, &look);
	return st;
}

#endif
