/* What the database knows of the rows of an import: the catalogue, cars and cards that are there. Writing is in import_save.c. */
#include <string.h>

#include "operator/import_batch.h"
#include "store/company.h"

#define BATCH_BYTES_MAX ((size_t)32 * 1024 * 1024)

const struct import_counts *import_store_counts(const struct import_store *s)
{
	return &s->counts;
}

static char *given_columns(struct arena *a, const struct import_header *h)
{
	struct buffer b;

	buffer_init(&b, a, 4096);
	for (int i = 0; i < IMPORT_COLUMN_MAX; i++)
		if (h->at[i] >= 0)
			buffer_printf(&b, "%s%s", b.length ? "," : "{", import_column_name((enum import_column)i));
	buffer_text(&b, "}");
	return b.data;
}

enum status import_store_start(struct import_store **out, struct command *c, const struct import_header *h)
{
	struct import_store *s = arena_alloc(c->a, sizeof *s);
	enum status st = db_script(c->db, "SET LOCAL lock_timeout = '60s'; SET LOCAL statement_timeout = '120s'");

	s->c = c;
	s->given = given_columns(c->a, h);
	if (st == ST_OK)
		st = db_query(c->db, c->a, NULL, "SELECT pg_advisory_xact_lock($1)", DB_INT(IMPORT_LOCK));
	if (st == ST_BUSY)
		return status_fail(ST_BUSY, "another import has been running for a minute");
	if (st == ST_OK)
		st = db_query(c->db, c->a, &s->manufacturers, "SELECT id, code, automaker_id FROM manufacturer");
	if (st == ST_OK)
		st = db_query(c->db, c->a, &s->connections,
			      "SELECT k.id, k.slug, n.automaker_id FROM carrier k LEFT JOIN carrier_connection n ON n.carrier_id = k.id");
	*out = s;
	return st;
}

/* ---- what the database knows ---- */

/* The first length characters of a column of all rows as an array; they are letters and digits, or nothing. */
static char *array_of(struct batch *b, enum import_column column, int length)
{
	struct buffer text;

	buffer_init(&text, b->a, BATCH_BYTES_MAX);
	buffer_text(&text, "{");
	for (int i = 0; i < b->count; i++)
		buffer_printf(&text, "%s%.*s", i ? "," : "", length, b->rows[i].value[column] ? b->rows[i].value[column] : "NULL");
	buffer_text(&text, "}");
	return text.data;
}

/* What is decided here must still be so when it is written: the cars' status, and the cards that come into other cars or whose
 * car becomes an organisation's. Whoever submits such a card waits for the end of this transaction, and sees what has become of it; or was
 * first, and is seen (application_hold_cards). */
static enum status hold(struct batch *b)
{
	struct db *db = b->s->c->db;
	enum status st = db_query(db, b->a, NULL, "SELECT FROM vehicle WHERE vin = ANY($1::text[]) ORDER BY vin FOR NO KEY UPDATE",
				  DB_TEXT(array_of(b, IMPORT_VIN, 17)));

	if (st != ST_OK)
		return st;
	return db_query(db, b->a, NULL,
			"SELECT FROM card_binding h WHERE h.id IN ("
			"SELECT b.id FROM unnest($1::text[], $2::text[]) AS x (vin, iccid) JOIN card c ON c.iccid_key = x.iccid "
			"JOIN card_binding b ON b.card_id = c.id AND b.bound_until IS NULL JOIN vehicle v ON v.id = b.vehicle_id "
			"AND v.vin <> x.vin UNION "
			"SELECT b.id FROM unnest($1::text[], $3::text[]) AS x (vin, owner) JOIN vehicle v ON v.vin = x.vin "
			"AND x.owner = 'organisation' AND v.owner_type IS DISTINCT FROM x.owner "
			"JOIN card_binding b ON b.vehicle_id = v.id AND b.bound_until IS NULL) ORDER BY h.id FOR NO KEY UPDATE",
			DB_TEXT(array_of(b, IMPORT_VIN, 17)), DB_TEXT(array_of(b, IMPORT_ICCID, 19)),
			DB_TEXT(array_of(b, IMPORT_OWNER_TYPE, 12)));
}

/* held: what keeps the card in its car, and which that is. */
static const char CARDS[] =
	"SELECT c.id, c.iccid, c.iccid_key, c.msisdn, c.carrier_id, v.vin, h.held, h.vin AS held_in FROM card c "
	"LEFT JOIN card_binding b ON b.card_id = c.id AND b.bound_until IS NULL LEFT JOIN vehicle v ON v.id = b.vehicle_id "
	"LEFT JOIN LATERAL (SELECT u.held, w.vin FROM ("
	"SELECT 'open' AS held, coalesce(ac.vehicle_id, p.vehicle_id) AS vehicle_id FROM application_card ac "
	"JOIN application p ON p.id = ac.application_id WHERE ac.card_id = c.id "
	"AND ac.state IN ('submitted', 'review', 'needs_more', 'pushing') UNION ALL "
	"SELECT 'registered', coalesce(ac.vehicle_id, p.vehicle_id) FROM registration g JOIN application p ON p.id = g.from_application_id "
	"LEFT JOIN application_card ac ON ac.application_id = p.id AND ac.card_id = c.id WHERE g.card_id = c.id AND g.ended_at IS NULL"
	") u LEFT JOIN vehicle w ON w.id = u.vehicle_id ORDER BY u.held LIMIT 1) h ON true "
	"WHERE c.iccid_key = ANY($1::text[]) OR c.msisdn = ANY($2::text[])";

static enum status look_up(struct batch *b)
{
	struct db *db = b->s->c->db;
	enum status st = hold(b);

	if (st != ST_OK)
		return st;
	st = db_query(
		db, b->a, &b->vehicles,
		"SELECT v.id, v.vin, v.automaker_id, v.data_key_id, k.wrapped, v.status, v.owner_type, " VEHICLE_OF_A_PERSON " AS of_a_person, coalesce(c.registered, false) AS registered, "
		"coalesce(c.open, false) AS open FROM vehicle v JOIN data_key k ON k.id = v.data_key_id LEFT JOIN LATERAL ("
		"SELECT bool_or(EXISTS (SELECT FROM registration g WHERE g.card_id = b.card_id AND g.ended_at IS NULL)) AS registered, "
		"bool_or(EXISTS (SELECT FROM application_card ac WHERE ac.card_id = b.card_id "
		"AND ac.state IN ('submitted', 'review', 'needs_more', 'pushing'))) AS open "
		"FROM card_binding b WHERE b.vehicle_id = v.id AND b.bound_until IS NULL) c ON true WHERE v.vin = ANY($1::text[])",
		DB_TEXT(array_of(b, IMPORT_VIN, 17)));

	if (st != ST_OK)
		return st;
	return db_query(db, b->a, &b->cards, CARDS, DB_TEXT(array_of(b, IMPORT_ICCID, 19)), DB_TEXT(array_of(b, IMPORT_MSISDN, 13)));
}

int import_find(const struct db_result *r, const char *column, const char *value, size_t length)
{
	for (int i = 0; i < db_rows(r); i++)
		if (strncmp(db_text(r, i, column), value, length) == 0)
			return i;
	return -1;
}

static bool find_catalogue(const struct import_store *s, struct import_row *row, struct import_faults *faults)
{
	int m = import_find(s->manufacturers, "code", row->value[IMPORT_CODE], 5);
	bool carrier = false;

	if (m < 0) {
		import_fault(faults, row->line, "Code", "there is no manufacturer with this code");
		return false;
	}
	row->manufacturer_id = db_text(s->manufacturers, m, "id");
	row->automaker_id = db_text(s->manufacturers, m, "automaker_id");
	for (int i = 0; i < db_rows(s->connections); i++) {
		if (strcmp(db_text(s->connections, i, "slug"), row->value[IMPORT_CARRIER]) != 0)
			continue;
		carrier = true;
		if (text_equal(db_text(s->connections, i, "automaker_id"), row->automaker_id))
			row->carrier_id = db_text(s->connections, i, "id");
	}
	if (!row->carrier_id)
		import_fault(faults, row->line, "carrier",
			     carrier ? "this automaker has no connection to the carrier" : "there is no such carrier");
	return row->carrier_id != NULL;
}

bool import_status_changes(const struct batch *b, const struct import_row *row)
{
	int v = import_find(b->vehicles, "vin", row->value[IMPORT_VIN], 18);
	const char *status = row->value[IMPORT_STATUS];

	return v >= 0 && status && strcmp(status, db_text(b->vehicles, v, "status")) != 0;
}

/* The printed form with more characters says more; but what a carrier was told of a card that is held stays as it was told. */
struct import_number import_number_changes(const struct batch *b, const struct import_row *row, int card)
{
	const char *iccid = row->value[IMPORT_ICCID], *known = db_text(b->cards, card, "iccid");
	size_t length = strlen(iccid), before = strlen(known);

	return (struct import_number){
		.msisdn = strcmp(row->value[IMPORT_MSISDN], db_text(b->cards, card, "msisdn")) != 0,
		.iccid = strcmp(iccid, known) != 0 && (length == before || (length > before && db_is_null(b->cards, card, "held"))),
	};
}

static const struct {
	const char *name, *what, *until;
} holds[] = {
	{"open", "in an application that is not finished", "that has ended (its owner withdraws it, or review refuse)"},
	{"registered", "registered", "the registration has ended (its holder cancels it)"},
};

/* A card that is registered, or in an application, stays in the car that it is told with, under the numbers that it is told with; it may
 * come back there. */
static void check_held(const struct batch *b, const struct import_row *row, int card, struct import_faults *faults)
{
	const char *held = db_text(b->cards, card, "held"), *held_in = db_text(b->cards, card, "held_in"), *vin = row->value[IMPORT_VIN];
	bool moves = !text_equal(db_text(b->cards, card, "vin"), vin) && !text_equal(held_in, vin);

	struct import_number other = import_number_changes(b, row, card);

	for (size_t i = 0; i < sizeof holds / sizeof *holds; i++) {
		if (!text_equal(holds[i].name, held))
			continue;
		if (other.msisdn || other.iccid)
			import_fault(faults, row->line, other.msisdn ? "MSISDN" : "ICCID",
				     "is another one than that of the card, which is %s, with car %s: it cannot change before %s", holds[i].what,
				     held_in ? held_in : "(unknown)", holds[i].until);
		if (moves)
			import_fault(faults, row->line, "ICCID", "is %s, with car %s: it cannot come into this car before %s", holds[i].what,
				     held_in ? held_in : "(unknown)", holds[i].until);
	}
}

static bool fits_database(const struct batch *b, const struct import_row *row, struct import_faults *faults)
{
	int v = import_find(b->vehicles, "vin", row->value[IMPORT_VIN], 18),
	    card = import_find(b->cards, "iccid_key", row->value[IMPORT_ICCID], 19);
	int number = import_find(b->cards, "msisdn", row->value[IMPORT_MSISDN], 14), before = faults->shown;

	if (v >= 0 && strcmp(db_text(b->vehicles, v, "automaker_id"), row->automaker_id) != 0)
		import_fault(faults, row->line, "VIN", "is a car of another automaker");
	if (v >= 0 && db_is_null(b->vehicles, v, "wrapped"))
		import_fault(faults, row->line, "VIN", "the data key of this car was erased");
	if (card >= 0 && strcmp(db_text(b->cards, card, "carrier_id"), row->carrier_id) != 0)
		import_fault(faults, row->line, "carrier", "the card is known with another carrier");
	/* the carriers of its registered cards are told, and what they are told must not come out of order */
	if (import_status_changes(b, row) && db_bool(b->vehicles, v, "registered") && db_bool(b->vehicles, v, "open"))
		import_fault(faults, row->line, "VehicleStatus",
			     "cannot change now: an application for a card of this car is not finished");
	if (v >= 0 && text_equal(row->value[IMPORT_OWNER_TYPE], "organisation") &&
	    !text_equal(db_text(b->vehicles, v, "owner_type"), "organisation") && db_bool(b->vehicles, v, "of_a_person"))
		import_fault(faults, row->line, "OwnerType",
			     "cannot become organisation now: a person has registered a card of the car, or applies for one; that has to end "
			     "first (its holder cancels it, or the application is withdrawn or refused)");
	if (card >= 0)
		check_held(b, row, card, faults);
	if (number >= 0 && number != card)
		import_fault(faults, row->line, "MSISDN", "belongs to another card: ICCID ending in %s",
			     db_text(b->cards, number, "iccid_key") + 15);
	return faults->shown == before;
}

static void take_out_bad(struct batch *b, struct import_faults *faults)
{
	int kept = 0;

	for (int i = 0; i < b->count; i++)
		if (find_catalogue(b->s, &b->rows[i], faults) && fits_database(b, &b->rows[i], faults))
			b->rows[kept++] = b->rows[i];
	b->count = kept;
}

enum status import_store_batch(struct import_store *s, struct arena *a, struct import_row *rows, int *count, bool write,
			       struct import_faults *faults)
{
	struct batch *b = arena_alloc(a, sizeof *b);
	enum status st;

	*b = (struct batch){.s = s, .a = a, .rows = rows, .count = *count};
	if ((st = look_up(b)) != ST_OK)
		return st;
	take_out_bad(b, faults);
	*count = b->count;
	if (!write || b->count == 0)
		return ST_OK;
	return import_save(b);
}
