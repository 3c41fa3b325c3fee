/* What staff submit: see by_staff.h. Knows rows, not who decided or why. */
#include "store/by_staff.h"

#include "store/cards.h"
#include "store/datakey.h"

/* A party of the registration under the key of the new application. */
static enum status copy_party(struct by_staff *w, const struct db_result *r, int row, const struct crypt_key *from, const struct crypt_key *to,
			      const char *application_id)
{
	static const char *const columns[] = {"name", "number", "address", "postal_address", "telephone"};
	static const char table[] = "application_party";
	const char *old = db_text(r, row, "id"), *id = crypt_uuid(w->a);
	struct bytes sealed[5];
	for (size_t i = 0; i < 5; i++) {
		char *text;
		enum status st = opened_text(w->a, from, table, columns[i], old,
					     db_bytes(r, row, arena_printf(w->a, "%s_sealed", columns[i])), &text);
		if (st != ST_OK)
			return st;
		sealed[i] = sealed_text(w->a, to, table, columns[i], id, text);
	}
	return db_query(
		w->db, w->a, NULL,
		"INSERT INTO application_party (id, application_id, role, certificate_type, name_sealed, number_sealed, address_sealed, "
		"postal_address_sealed, telephone_sealed, number_hash, number_hash_key, valid_from, valid_until, long_term) "
		"SELECT $1, $2, role, certificate_type, $4, $5, $6, $7, $8, number_hash, number_hash_key, valid_from, valid_until, "
		"long_term "
		"FROM application_party WHERE id = $3",
		DB_TEXT(id), DB_TEXT(application_id), DB_TEXT(old), DB_BYTES(sealed[0]), DB_BYTES(sealed[1]), DB_BYTES(sealed[2]),
		DB_BYTES(sealed[3]), DB_BYTES(sealed[4]));
}

static enum status copy_parties(struct by_staff *w, const char *from_application, const struct crypt_key *to, const char *application_id)
{
	struct db_result *r;
	struct crypt_key from;
	enum status st = db_query(
		w->db, w->a, &r,
		"SELECT p.id, p.name_sealed, p.number_sealed, p.address_sealed, p.postal_address_sealed, p.telephone_sealed, o.data_key_id "
		"FROM application_party p JOIN application o ON o.id = p.application_id WHERE o.id = $1 "
		"AND p.role IN ('holder', 'organisation', 'responsible_person', 'legal_representative')",
		DB_TEXT(from_application));
	if (st == ST_OK && db_rows(r) == 0)
		return status_fail(ST_INVALID, "application %s has no holder", from_application);
	if (st != ST_OK || (st = datakey_load(w->db, w->a, w->keys, db_text(r, 0, "data_key_id"), &from)) != ST_OK)
		return st;
	for (int i = 0; st == ST_OK && i < db_rows(r); i++)
		st = copy_party(w, r, i, &from, to, application_id);
	crypt_wipe(&from, sizeof(from));
	return st;
}

/* The phone that was proved in an application, as that of the new one. */
static enum status copy_phone(struct by_staff *w, const char *phone_of, const struct crypt_key *to, const char *application_id)
{
	struct db_result *r;
	struct crypt_key from;
	char *phone = NULL;
	enum status st = db_query(w->db, w->a, &r,
				  "SELECT data_key_id, phone_sealed FROM application WHERE id = $1 AND phone_proved_at IS NOT NULL AND phone_sealed IS NOT NULL",
				  DB_TEXT(phone_of));
	if (st != ST_OK || db_rows(r) == 0)
		return st;
	if ((st = datakey_load(w->db, w->a, w->keys, db_text(r, 0, "data_key_id"), &from)) != ST_OK)
		return st;
	st = opened_text(w->a, &from, "application", "phone", phone_of, db_bytes(r, 0, "phone_sealed"), &phone);
	crypt_wipe(&from, sizeof(from));
	if (st != ST_OK)
		return st;
	return db_query(w->db, w->a, NULL,
			"UPDATE application n SET phone_sealed = $2, phone_hash = o.phone_hash, phone_hash_key = o.phone_hash_key, "
			"phone_proved_at = o.phone_proved_at FROM application o WHERE n.id = $1 AND o.id = $3",
			DB_TEXT(application_id), DB_BYTES(sealed_text(w->a, to, "application", "phone", application_id, phone)), DB_TEXT(phone_of));
}

enum status by_staff_application(struct by_staff *w, const char *kind, const char *from, const char *vehicle_id, const char *phone_of, const char **id)
{
	struct crypt_key key;
	*id = crypt_uuid(w->a);
	enum status st = datakey_create(w->db, w->a, w->keys, &key);
	if (st == ST_OK)
		st = db_query(
			w->db, w->a, NULL,
			"INSERT INTO application (id, number, automaker_id, kind, holder, channel, acting, data_key_id, expires_at, "
			"submitted_at, "
			"vehicle_id, certificate_type) SELECT $1, $2, automaker_id, $4, holder, 'counter', "
			"CASE holder WHEN 'organisation' THEN 'responsible_person' ELSE 'self' END, $3, now(), now(), coalesce($6::uuid, vehicle_id), certificate_type "
			"FROM application WHERE id = $5",
			DB_TEXT(*id), DB_TEXT(crypt_readable(w->a, 12)), DB_TEXT(key.id), DB_TEXT(kind), DB_TEXT(from), DB_TEXT(vehicle_id));
	if (st == ST_OK)
		st = copy_parties(w, from, &key, *id);
	if (st == ST_OK && phone_of)
		st = copy_phone(w, phone_of, &key, *id);
	crypt_wipe(&key, sizeof(key));
	return st == ST_OK ? audit_write(w->db, w->a, w->actor, "application.submitted", *id, arena_printf(w->a, "application:%s", *id),
					 "pushing", NULL)
			   : st;
}

enum status by_staff_card(struct by_staff *w, const char *application_id, const char *card_id)
{
	const struct card_change change = {.application_card_id = crypt_uuid(w->a), .to = CARD_SUBMITTED};
	enum status st = db_query(w->db, w->a, NULL, "INSERT INTO application_card (id, application_id, card_id) VALUES ($1, $2, $3)",
				  DB_TEXT(change.application_card_id), DB_TEXT(application_id), DB_TEXT(card_id));
	if (st == ST_OK)
		st = card_transition(w->db, w->a, w->config, w->keys, w->actor, &change);
	if (st == ST_CONFLICT && text_equal(db_constraint(w->db), "application_card_open"))
		return status_fail(ST_CONFLICT, "an application for a card of this car is not finished");
	return st;
}

/* Submitted and complete: its cards go out, its number is told. */
static enum status push(struct by_staff *w, const char *application_id, char **numbers)
{
	struct db_result *r;
	enum status st = cards_push(w->db, w->a, w->config, w->keys, w->actor, application_id);
	if (st == ST_OK)
		st = db_query(w->db, w->a, &r, "SELECT number FROM application WHERE id = $1", DB_TEXT(application_id));
	if (st == ST_OK)
		*numbers = arena_printf(w->a, "%s%s%s", *numbers, **numbers ? " " : "", db_text(r, 0, "number"));
	return st;
}

/* While a card of it is on its way, nobody can say what is registered from it. Held until the end of the transaction: no card of it goes
 * on meanwhile. */
static enum status all_ended(struct by_staff *w, const char *application_id)
{
	struct db_result *r;
	enum status st = db_query(w->db, w->a, NULL, "SELECT FROM application WHERE id = $1 FOR UPDATE", DB_TEXT(application_id));
	if (st == ST_OK)
		st = db_query(w->db, w->a, &r,
			      "SELECT FROM application_card WHERE application_id = $1 AND state IN ('submitted', 'review', 'needs_more', 'pushing') LIMIT 1",
			      DB_TEXT(application_id));
	return st == ST_OK && db_rows(r) > 0 ? status_fail(ST_CONFLICT, "the application is not finished") : st;
}

/* Cancels the registrations of r, which come by the application that they are from, each of these by one of its own. phone_of: a column. */
static enum status cancel(struct by_staff *w, const struct db_result *r, const char *vehicle_id, int *cards, char **numbers)
{
	const char *from = NULL, *application = NULL;
	enum status st = ST_OK;
	*cards = 0;
	*numbers = arena_strdup(w->a, "");
	for (int i = 0; st == ST_OK && i < db_rows(r); i++) {
		if (!text_equal(from, db_text(r, i, "from_application_id"))) {
			if (application && (st = push(w, application, numbers)) != ST_OK)
				break;
			from = db_text(r, i, "from_application_id");
			st = by_staff_application(w, "cancel", from, vehicle_id, db_text(r, i, "phone_of"), &application);
		}
		if (st == ST_OK)
			st = by_staff_card(w, application, db_text(r, i, "card_id"));
		*cards += st == ST_OK;
	}
	return st == ST_OK ? push(w, application, numbers) : st;
}

enum status by_staff_cancel(struct by_staff *w, const char *application_id, int *cards, char **numbers)
{
	struct db_result *r;
	enum status st = all_ended(w, application_id);
	/* A change of the holder's data ends a registration and begins the next one: from one to the other up to the living one. What the
	 * same person registered otherwise is another matter. */
	if (st == ST_OK)
		st = db_query(
			w->db, w->a, &r,
			"SELECT g.from_application_id, g.card_id, $1::uuid AS phone_of FROM registration g WHERE g.ended_at IS NULL AND g.id IN ("
			"WITH RECURSIVE line AS (SELECT f.id, f.card_id, f.until_application_id FROM registration f WHERE f.from_application_id = $1::uuid"
			" UNION SELECT n.id, n.card_id, n.until_application_id FROM line l JOIN registration n ON n.from_application_id = l.until_application_id"
			" AND n.card_id = l.card_id JOIN application c ON c.id = n.from_application_id AND c.kind = 'update') SELECT id FROM line)"
			" ORDER BY g.from_application_id, g.card_id FOR NO KEY UPDATE OF g",
			DB_TEXT(application_id));
	if (st == ST_OK && db_rows(r) == 0)
		return status_fail(ST_CONFLICT, "nothing is registered from this application");
	return st == ST_OK ? cancel(w, r, NULL, cards, numbers) : st;
}

/* The applications that these registrations are from, when they are of more than one holder; else NULL. */
static const char *several_holders(struct by_staff *w, const struct db_result *r)
{
	const char *names = "", *last = NULL;
	bool several = false;
	for (int i = 0; i < db_rows(r); i++) {
		const char *number = db_text(r, i, "number");
		several = several || !text_equal(db_text(r, i, "whose"), db_text(r, 0, "whose"));
		if (!text_equal(number, last))
			names = arena_printf(w->a, "%s%s%s", names, *names ? ", " : "", number);
		last = number;
	}
	return several ? names : NULL;
}

enum status by_staff_cancel_car(struct by_staff *w, const char *vehicle_id, const char *only, int *cards, char **numbers)
{
	struct db_result *r;
	const char *several;
	/* A company's batch has the phone of an admin, whose own records hold nothing of the company: nobody is told. */
	enum status st = db_query(
		w->db, w->a, &r,
		"SELECT g.from_application_id, g.card_id, f.number, g.holder || encode(g.holder_number_hash, 'hex') AS whose, "
		"CASE WHEN f.company_id IS NULL THEN f.id END AS phone_of FROM card_binding b JOIN registration g ON g.card_id = b.card_id "
		"AND g.ended_at IS NULL JOIN application f ON f.id = g.from_application_id WHERE b.vehicle_id = $1 AND b.bound_until IS NULL "
		"AND ($2::text IS NULL OR f.number = $2::text) ORDER BY g.from_application_id, g.card_id FOR NO KEY UPDATE OF g",
		DB_TEXT(vehicle_id), DB_TEXT(only));
	if (st != ST_OK)
		return st;
	if (db_rows(r) == 0)
		return status_fail(ST_CONFLICT, only ? "nothing in this car is registered from this application" : "nothing in this car is registered");
	if ((several = several_holders(w, r)) != NULL)
		return status_fail(ST_CONFLICT, "its cards are registered to several holders: name the application, one of %s", several);
	return cancel(w, r, vehicle_id, cards, numbers);
}
