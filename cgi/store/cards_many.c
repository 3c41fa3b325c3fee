/* Many cards of one application change their state together: see cards.h. One statement writes states, the audit rows and their numbers,
 * which follow each other without gaps because the row of the application is locked. */
#include "store/cards.h"

/* $1 application, $2 states from, $3 state to, $4 refusal key, $5 refusal raw, $6 actor, $7 address */
#define MOVE(which)                                                                                                                        \
	"WITH old AS (SELECT id, state FROM application_card WHERE application_id = $1 AND state = ANY ($2::text[]) " which                \
	"ORDER BY id FOR NO KEY UPDATE), "                                                                                                 \
	"moved AS (UPDATE application_card c SET state = $3::text, state_at = now(), refusal_key = $4::text, refusal_raw = $5 FROM old "   \
	"WHERE c.id = old.id RETURNING c.id, c.card_id, old.state AS was), "                                                               \
	"counted AS (UPDATE application SET audit_count = audit_count + (SELECT count(*) FROM moved)::integer WHERE id = $1 "              \
	"RETURNING audit_count), "                                                                                                         \
	"kept AS (INSERT INTO audit (actor, action, application_id, number, object, result, address, detail) "                             \
	"SELECT $6, 'card.' || $3::text, $1, n.audit_count - (SELECT count(*) FROM moved) + row_number() OVER (ORDER BY m.id), "           \
	"'application_card:' || m.id, coalesce($4::text, 'ok'), $7, jsonb_build_object('from', m.was, 'card', m.card_id) "                 \
	"FROM moved m, counted n) "                                                                                                        \
	"SELECT count(*) AS moved FROM moved"

/* The states as an array of PostgreSQL. */
static enum status from_states(struct arena *a, const struct cards_change *change, const char **out)
{
	struct buffer b;
	buffer_init(&b, a, 200);
	for (size_t i = 0; i < sizeof(change->from) / sizeof(change->from[0]) && change->from[i] != CARD_DRAFT; i++) {
		if (!transition_allowed(change->from[i], change->to))
			return status_fail(ST_CONFLICT, "a card cannot go from %s to %s", transition_name(change->from[i]),
					   transition_name(change->to));
		buffer_text(&b, b.length ? "," : "{");
		buffer_text(&b, transition_name(change->from[i]));
	}
	buffer_text(&b, b.length ? "}" : "{}");
	*out = b.data;
	return ST_OK;
}

enum status cards_transition(struct db *db, struct arena *a, const struct actor *actor, const struct cards_change *change, int *moved)
{
	struct db_result *r;
	const char *states, *to = transition_name(change->to);
	if (change->to == CARD_DONE)
		return status_fail(ST_ERROR, "a card comes to done by itself");
	enum status st = from_states(a, change, &states);
	if (st != ST_OK)
		return st;
	const struct db_value id = DB_TEXT(change->application_id), key = DB_TEXT(change->refusal_key), raw = DB_TEXT(change->refusal_raw);
	if (change->ids)
		st = db_query(db, a, &r, MOVE("AND id = ANY ($8::uuid[]) "), id, DB_TEXT(states), DB_TEXT(to), key, raw, DB_TEXT(actor->name),
			      DB_TEXT(actor->address), DB_TEXT(change->ids));
	else
		st = db_query(db, a, &r, MOVE(""), id, DB_TEXT(states), DB_TEXT(to), key, raw, DB_TEXT(actor->name), DB_TEXT(actor->address));
	if (st == ST_OK)
		*moved = (int)db_int(r, 0, "moved");
	return st;
}

enum status cards_still_fit(struct db *db, struct arena *a, const char *application_id, bool ends)
{
	struct db_result *r;
	enum status st = db_query(db, a, &r,
				  "SELECT FROM application_card c WHERE c.application_id = $1 AND $2 <> "
				  "EXISTS (SELECT FROM registration g WHERE g.card_id = c.card_id AND g.ended_at IS NULL) LIMIT 1",
				  DB_TEXT(application_id), DB_BOOL(ends));
	if (st != ST_OK)
		return st;
	return db_rows(r) == 0 ? ST_OK : status_fail(ST_CONFLICT, "a card was registered, or cancelled, by another application meanwhile");
}
