/* The one place where a card changes its state, with everything that follows from it. */
#include "store/cards.h"

#include <inttypes.h>
#include <string.h>

#include "base/log.h"
#include "domain/kind.h"
#include "store/datakey.h"
#include "store/sms.h"

/* An application with its rows locked: the lock makes "have all its cards ended" a question with one answer. */
struct owner_row {
	const char *id, *number, *kind, *holder, *data_key_id, *vehicle_id;
	bool batch; /* of a company */
	bool by_staff;
	struct bytes phone_sealed;
};

static enum status lock_application(struct db *db, struct arena *a, const char *id, struct owner_row *out)
{
	struct db_result *r;
	enum status st = db_query(db, a, &r,
				  "SELECT id, number, kind, holder, data_key_id, vehicle_id, company_id IS NOT NULL AS batch, channel = 'counter' AS by_staff, phone_sealed "
				  "FROM application WHERE id = $1 FOR NO KEY UPDATE",
				  DB_TEXT(id));
	if (st != ST_OK)
		return st;
	if (db_rows(r) == 0)
		return status_fail(ST_NOT_FOUND, "application does not exist");
	*out = (struct owner_row){
		.id = db_text(r, 0, "id"),
		.number = db_text(r, 0, "number"),
		.kind = db_text(r, 0, "kind"),
		.holder = db_text(r, 0, "holder"),
		.data_key_id = db_text(r, 0, "data_key_id"),
		.vehicle_id = db_text(r, 0, "vehicle_id"),
		.batch = db_bool(r, 0, "batch"),
		.by_staff = db_bool(r, 0, "by_staff"),
		.phone_sealed = db_bytes(r, 0, "phone_sealed"),
	};
	return ST_OK;
}

/* NULL when the application has none. */
static enum status application_phone(struct db *db, struct arena *a, const struct keys *keys, const struct owner_row *o, char **out)
{
	struct crypt_key key;
	*out = NULL;
	if (!o->phone_sealed.data)
		return ST_OK;
	enum status st = datakey_load(db, a, keys, o->data_key_id, &key);
	if (st != ST_OK)
		return st;
	st = opened_text(a, &key, "application", "phone", o->id, o->phone_sealed, out);
	crypt_wipe(&key, sizeof(key));
	return st;
}

/* Who is told of an application: whoever made it. A company's is told to the admin who made it, or when he is none any more to the one who
 * has been there longest; NULL when there is nobody. */
static enum status told_phone(struct db *db, struct arena *a, const struct keys *keys, const struct owner_row *o, char **out)
{
	struct db_result *r;
	if (!o->batch)
		return application_phone(db, a, keys, o, out);
	*out = NULL;
	enum status st = db_query(db, a, &r,
				  "SELECT m.id, m.phone_sealed, m.phone_hash IS NOT DISTINCT FROM p.phone_hash AS his FROM application p "
				  "JOIN company_member m ON m.company_id = p.company_id AND m.state = 'active' WHERE p.id = $1 "
				  "ORDER BY m.phone_hash IS DISTINCT FROM p.phone_hash, m.added_at, m.id LIMIT 1",
				  DB_TEXT(o->id));
	if (st != ST_OK || db_rows(r) == 0)
		return st;
	if (db_bool(r, 0, "his"))
		return application_phone(db, a, keys, o, out);
	return opened_by_master(a, keys, "company_member", "phone", db_text(r, 0, "id"), db_bytes(r, 0, "phone_sealed"), out);
}

/* The phone that the automaker has on file for the car; NULL when none. */
static enum status vehicle_phone(struct db *db, struct arena *a, const struct keys *keys, const char *vehicle_id, char **out)
{
	struct db_result *r;
	struct crypt_key key;
	*out = NULL;
	enum status st = db_query(db, a, &r, "SELECT id, data_key_id, owner_phone_sealed FROM vehicle WHERE id = $1 AND owner_phone_sealed IS NOT NULL",
				  DB_TEXT(vehicle_id));
	if (st != ST_OK || db_rows(r) == 0)
		return st;
	if ((st = datakey_load(db, a, keys, db_text(r, 0, "data_key_id"), &key)) != ST_OK)
		return st;
	st = opened_text(a, &key, "vehicle", "owner_phone", db_text(r, 0, "id"), db_bytes(r, 0, "owner_phone_sealed"), out);
	crypt_wipe(&key, sizeof(key));
	return st;
}

/* The number of an application is made of letters and digits: it needs no quoting in an array. */
static enum status tell(struct db *db, struct arena *a, const struct keys *keys, const struct owner_row *o, const char *template_name, const char *phone)
{
	return sms_enqueue(db, a, keys, o->id, template_name, arena_printf(a, "{%s}", o->number), phone, NULL);
}

/* The registration of a card that reached done: of the person, or of the organisation. */
static enum status begin_registration(struct db *db, struct arena *a, const struct owner_row *o, const char *card_id)
{
	struct db_result *r;
	enum status st = db_query(
		db, a, &r,
		"INSERT INTO registration (id, card_id, carrier_id, holder_id, holder, holder_number_hash, holder_number_hash_key, "
		"from_application_id) SELECT $1, c.id, c.carrier_id, p.id, $4, p.number_hash, p.number_hash_key, p.application_id "
		"FROM card c, application_party p WHERE c.id = $2 AND p.application_id = $3 "
		"AND p.role = CASE $4 WHEN 'organisation' THEN 'organisation' ELSE 'holder' END",
		DB_TEXT(crypt_uuid(a)), DB_TEXT(card_id), DB_TEXT(o->id), DB_TEXT(o->holder));
	if (st != ST_OK)
		return st;
	return db_affected(r) == 1 ? ST_OK : status_fail(ST_INVALID, "application %s has no holder", o->id);
}

/* The registration that a card had ends; its row stays as history. */
static enum status end_registration(struct db *db, struct arena *a, const struct owner_row *o, const char *card_id)
{
	struct db_result *r;
	enum status st = db_query(db, a, &r, "UPDATE registration SET ended_at = now(), until_application_id = $2 WHERE card_id = $1 AND ended_at IS NULL",
				  DB_TEXT(card_id), DB_TEXT(o->id));
	if (st != ST_OK)
		return st;
	return db_affected(r) == 1 ? ST_OK : status_fail(ST_CONFLICT, "the card has no registration that could end");
}

/* A card of a replacement left the car, or came into it: the history of bindings keeps both. */
static enum status bind_card(struct db *db, struct arena *a, const struct owner_row *o, const char *card_id, bool in)
{
	enum status st = db_query(
		db, a, NULL,
		"UPDATE card_binding SET bound_until = now() WHERE card_id = $1 AND bound_until IS NULL AND (NOT $3 OR vehicle_id <> $2)",
		DB_TEXT(card_id), DB_TEXT(o->vehicle_id), DB_BOOL(in));
	if (st != ST_OK || !in)
		return st;
	return db_query(db, a, NULL,
			"INSERT INTO card_binding (id, card_id, vehicle_id) SELECT $1, $2, $3 "
			"WHERE NOT EXISTS (SELECT FROM card_binding WHERE card_id = $2 AND bound_until IS NULL)",
			DB_TEXT(crypt_uuid(a)), DB_TEXT(card_id), DB_TEXT(o->vehicle_id));
}

/* The car is known to have changed hands when this was submitted. */
static enum status mark_transferred(struct db *db, struct arena *a, const struct owner_row *o)
{
	return db_query(
		db, a, NULL,
		"UPDATE vehicle v SET status = 5, status_updated_at = o.submitted_at FROM application o "
		"WHERE o.id = $2 AND v.id = $1 AND v.status <> 6 AND (v.status, v.status_updated_at) IS DISTINCT FROM (5, o.submitted_at)",
		DB_TEXT(o->vehicle_id), DB_TEXT(o->id));
}

static enum status on_done(struct db *db, struct arena *a, const struct owner_row *o, const char *card_id, const char *part)
{
	const struct card_business *b = card_business(o->kind, part);
	enum status st = ST_OK;
	if (!b)
		return status_fail(ST_ERROR, "what the end of a %s means is not defined", o->kind);
	if (b->ends)
		st = end_registration(db, a, o, card_id);
	if (st == ST_OK && b->begins)
		st = begin_registration(db, a, o, card_id);
	if (st == ST_OK && strcmp(part, "whole") != 0)
		st = bind_card(db, a, o, card_id, b->begins);
	if (st == ST_OK && b->status == TOLD_TRANSFERRED)
		st = mark_transferred(db, a, o);
	return st;
}

/* A batch has one message for all its cards, with how many were done and how many were not. */
static enum status tell_batch(struct db *db, struct arena *a, const struct keys *keys, const struct owner_row *o, int64_t done, int64_t refused)
{
	char *phone;
	enum status st = told_phone(db, a, keys, o, &phone);
	if (st != ST_OK || !phone)
		return st;
	return sms_enqueue(db, a, keys, o->id, "batch_done", arena_printf(a, "{%s,%" PRId64 ",%" PRId64 "}", o->number, done, refused), phone,
			   NULL);
}

static enum status tell_person(struct db *db, struct arena *a, const struct keys *keys, const struct owner_row *o,
			       const struct application_kind *kind, int64_t done, int64_t refused)
{
	char *phone, *owner = NULL;
	enum status st = application_phone(db, a, keys, o, &phone);
	if (st == ST_OK && phone)
		st = tell(db, a, keys, o, refused ? kind->told_refused : kind->told_done, phone);
	if (st != ST_OK || done == 0 || !kind->owner_news)
		return st;
	if ((st = vehicle_phone(db, a, keys, o->vehicle_id, &owner)) != ST_OK)
		return st;
	return owner && !text_equal(owner, phone) ? tell(db, a, keys, o, "owner_notice", owner) : ST_OK;
}

/* Cards that the user withdrew himself are nothing to tell him about. While one is open nothing is counted: this is asked after each card
 * of a batch of thousands. */
static enum status tell_result(struct db *db, struct arena *a, const struct keys *keys, const struct owner_row *o)
{
	struct db_result *r;
	const struct application_kind *kind = application_kind(o->kind);
	if (!kind)
		return status_fail(ST_ERROR, "who is told about a %s is not defined", o->kind);
	if (!kind->told_done)
		return ST_OK;
	enum status st = db_query(db, a, &r,
				  "SELECT EXISTS (SELECT FROM application_card WHERE application_id = $1 "
				  "AND state IN ('submitted', 'review', 'needs_more', 'pushing')) AS open",
				  DB_TEXT(o->id));
	if (st != ST_OK || db_bool(r, 0, "open"))
		return st;
	st = db_query(db, a, &r,
		      "SELECT count(*) FILTER (WHERE state = 'done') AS done, count(*) FILTER (WHERE state = 'refused') AS refused "
		      "FROM application_card WHERE application_id = $1",
		      DB_TEXT(o->id));
	if (st != ST_OK)
		return st;
	int64_t done = db_int(r, 0, "done"), refused = db_int(r, 0, "refused");
	if (done + refused == 0)
		return ST_OK;
	return o->batch ? tell_batch(db, a, keys, o, done, refused) : tell_person(db, a, keys, o, kind, done, refused);
}

/* Once for all cards that go to review, or wait for more, in one transaction. */
static enum status tell_once(struct db *db, struct arena *a, const struct keys *keys, const struct owner_row *o, const char *template_name)
{
	struct db_result *r;
	char *phone;
	enum status st = db_query(db, a, &r, "SELECT FROM sms_message WHERE application_id = $1 AND template = $2 AND created_at = now()",
				  DB_TEXT(o->id), DB_TEXT(template_name));
	if (st != ST_OK || db_rows(r) > 0)
		return st;
	st = told_phone(db, a, keys, o, &phone);
	return st == ST_OK && phone ? tell(db, a, keys, o, template_name, phone) : st;
}

/* What follows for people from cards of the application that have come to a state. */
static enum status tell_state(struct db *db, struct arena *a, const struct keys *keys, const struct owner_row *o, enum card_state to)
{
	switch (to) {
	case CARD_DONE:
	case CARD_REFUSED:
	case CARD_WITHDRAWN:
		return tell_result(db, a, keys, o);
	case CARD_REVIEW:
		return tell_once(db, a, keys, o, "review");
	case CARD_NEEDS_MORE:
		return tell_once(db, a, keys, o, "needs_more");
	default:
		return ST_OK;
	}
}

enum status cards_tell(struct db *db, struct arena *a, const struct keys *keys, const char *application_id, enum card_state to)
{
	struct owner_row o;
	enum status st = lock_application(db, a, application_id, &o);
	return st == ST_OK ? tell_state(db, a, keys, &o, to) : st;
}

enum status card_transition(struct db *db, struct arena *a, const struct config *config, const struct keys *keys, const struct actor *actor,
			    const struct card_change *change)
{
	(void)config;
	struct db_result *r;
	struct owner_row o;
	enum card_state from;
	enum status st = db_query(db, a, &r, "SELECT application_id, card_id, part FROM application_card WHERE id = $1",
				  DB_TEXT(change->application_card_id));
	if (st != ST_OK)
		return st;
	if (db_rows(r) == 0)
		return status_fail(ST_NOT_FOUND, "application card does not exist");
	const char *card_id = db_text(r, 0, "card_id"), *part = db_text(r, 0, "part");
	if ((st = lock_application(db, a, db_text(r, 0, "application_id"), &o)) != ST_OK)
		return st;
	st = db_query(db, a, &r, "SELECT state FROM application_card WHERE id = $1 FOR NO KEY UPDATE", DB_TEXT(change->application_card_id));
	if (st != ST_OK)
		return st;
	if (db_rows(r) == 0 || !transition_by_name(&from, db_text(r, 0, "state")) || !transition_allowed(from, change->to))
		return status_fail(ST_CONFLICT, "a card cannot go from %s to %s", db_rows(r) ? db_text(r, 0, "state") : "nothing",
				   transition_name(change->to));
	st = db_query(db, a, NULL, "UPDATE application_card SET state = $2, state_at = now(), refusal_key = $3, refusal_raw = $4 WHERE id = $1",
		      DB_TEXT(change->application_card_id), DB_TEXT(transition_name(change->to)), DB_TEXT(change->refusal_key),
		      DB_TEXT(change->refusal_raw));
	if (st != ST_OK)
		return st;
	st = audit_write(db, a, actor, arena_printf(a, "card.%s", transition_name(change->to)), o.id,
			 arena_printf(a, "application_card:%s", change->application_card_id), change->refusal_key ? change->refusal_key : "ok",
			 arena_printf(a, "{\"from\":\"%s\",\"card\":\"%s\"}", transition_name(from), card_id));
	if (st == ST_OK && change->to == CARD_REFUSED && o.by_staff) /* nobody at a browser does it again */
		log_alarm("staff", "application=%s kind=%s refused: what staff decided was not done", o.number, o.kind);
	if (st == ST_OK && change->to == CARD_DONE)
		st = on_done(db, a, &o, card_id, part);
	return st == ST_OK ? tell_state(db, a, keys, &o, change->to) : st;
}
