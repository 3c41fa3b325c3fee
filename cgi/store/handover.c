/* Handovers: see handover.h. SQL of the rows and the derived token. */
#include "store/handover.h"

#include <string.h>

#define TOKEN_BYTES 18 /* 144 bits, 24 characters */

#define COLUMNS \
	"SELECT h.id, h.application_id, a.kind, a.company_id, h.step, h.ended_by, extract(epoch FROM h.expires_at)::bigint AS expires_at, h.token_hash, h.message_id IS NOT NULL AS message," \
	" h.created_at > now() - interval '30 minutes' AS recent, h.opened_at > now() - interval '10 minutes' AS just_opened," \
	" CASE WHEN h.ended_at IS NOT NULL THEN 'ended' WHEN h.expires_at <= now() THEN 'expired' WHEN h.opened_at IS NULL THEN 'shown' ELSE 'open' END AS state," \
	" v.vehicle_department, v.vehicle_model, v.vin, c.name AS company," \
	" CASE WHEN c.id IS NOT NULL THEN (SELECT count(*) FROM batch_vehicle i WHERE i.application_id = a.id) END AS cars" \
	" FROM handover h JOIN application a ON a.id = h.application_id LEFT JOIN vehicle v ON v.id = a.vehicle_id" \
	" LEFT JOIN company c ON c.id = a.company_id"

static void read_row(const struct db_result *r, struct handover *out)
{
	static const struct {
		const char *name;
		enum handover_state state;
	} states[] = {{"shown", HANDOVER_SHOWN}, {"open", HANDOVER_OPEN}, {"ended", HANDOVER_ENDED}, {"expired", HANDOVER_EXPIRED}};
	const char *state;

	*out = (struct handover){0};
	if (db_rows(r) != 1)
		return;
	state = db_text(r, 0, "state");
	for (size_t i = 0; i < sizeof states / sizeof *states; i++)
		if (strcmp(states[i].name, state) == 0)
			out->state = states[i].state;
	out->id = db_text(r, 0, "id");
	out->application_id = db_text(r, 0, "application_id");
	out->kind = db_text(r, 0, "kind");
	out->company_id = db_text(r, 0, "company_id");
	out->step = db_text(r, 0, "step");
	out->ended_by = db_text(r, 0, "ended_by");
	out->expires_at = db_int(r, 0, "expires_at");
	out->message = db_bool(r, 0, "message");
	out->recent = db_bool(r, 0, "recent");
	out->just_opened = db_bool(r, 0, "just_opened");
	out->token_hash = db_bytes(r, 0, "token_hash");
	out->brand = db_text(r, 0, "vehicle_department");
	out->model = db_text(r, 0, "vehicle_model");
	out->vin = db_text(r, 0, "vin");
	out->company = db_text(r, 0, "company");
	out->cars = (int)db_int(r, 0, "cars");
}

enum status handover_of_draft(struct db *db, struct arena *a, const char *application_id, struct handover *out)
{
	struct db_result *r;
	enum status st = db_query(db, a, &r, COLUMNS " WHERE h.application_id = $1 ORDER BY h.created_at DESC LIMIT 1", DB_TEXT(application_id));

	if (st == ST_OK)
		read_row(r, out);
	return st;
}

enum status handover_of_token(struct db *db, struct arena *a, const struct keys *keys, const char *token, struct handover *out)
{
	struct db_result *r;
	enum status st;

	*out = (struct handover){0};
	if (strlen(token) != TOKEN_BYTES / 3 * 4)
		return ST_OK;
	st = db_query(db, a, &r, COLUMNS " WHERE h.token_hash = $1", DB_BYTES(crypt_lookup(a, keys_current(&keys->lookup), "handover", token)));
	if (st == ST_OK)
		read_row(r, out);
	return st;
}

enum status handover_of_session(struct db *db, struct arena *a, struct bytes session, struct handover *out)
{
	struct db_result *r;
	enum status st;

	*out = (struct handover){0};
	if (!session.data)
		return ST_OK;
	st = db_query(db, a, &r, COLUMNS " JOIN session s ON s.handover_id = h.id WHERE s.id_hash = $1", DB_BYTES(session));
	if (st == ST_OK)
		read_row(r, out);
	return st;
}

enum status handover_of_message(struct db *db, struct arena *a, const char *message_id, struct handover *out)
{
	struct db_result *r;
	enum status st = db_query(db, a, &r, COLUMNS " WHERE h.message_id = $1 AND h.opened_at IS NULL AND h.ended_at IS NULL AND h.expires_at > now()",
	                          DB_TEXT(message_id));

	*out = (struct handover){0};
	if (st == ST_OK)
		read_row(r, out);
	return st;
}

static char *derive(struct arena *a, const struct crypt_key *key, const char *id)
{
	return base64url_encode(a, crypt_lookup(a, key, "handover", id).data, TOKEN_BYTES);
}

char *handover_token(struct arena *a, const struct keys *keys, const struct handover *h)
{
	for (int i = 0; i < keys->code.count; i++) {
		char *token = derive(a, &keys->code.keys[i], h->id);
		struct bytes hash = crypt_lookup(a, keys_current(&keys->lookup), "handover", token);

		if (h->token_hash.length == hash.length && crypt_equal(hash.data, h->token_hash.data, hash.length))
			return token;
	}
	return NULL;
}

static enum status written(struct db *db, struct arena *a, const struct actor *actor, const char *action, const char *application_id, const char *id, const char *by)
{
	return audit_write(db, a, actor, action, application_id, arena_printf(a, "handover:%s", id), "ok", by ? arena_printf(a, "{\"by\":\"%s\"}", by) : NULL);
}

/* Ends what has not ended; the other device's session keeps only the memory of what it was for. */
static enum status end(struct db *db, struct arena *a, const struct actor *actor, const char *application_id, const char *by)
{
	struct db_result *r;
	enum status st = db_query(db, a, &r, "UPDATE handover SET ended_at = now(), ended_by = $2 WHERE application_id = $1 AND ended_at IS NULL RETURNING id",
	                          DB_TEXT(application_id), DB_TEXT(by));

	for (int i = 0; st == ST_OK && i < db_rows(r); i++) {
		const char *id = db_text(r, i, "id");

		st = db_query(db, a, NULL, "UPDATE session SET application_id = NULL WHERE handover_id = $1", DB_TEXT(id));
		if (st == ST_OK)
			st = written(db, a, actor, "handover.ended", application_id, id, by);
	}
	return st;
}

enum status handover_create(struct db *db, struct arena *a, const struct keys *keys, const struct actor *actor, const char *application_id, const char *step,
			    const char *message_id)
{
	char *id = crypt_uuid(a);
	struct bytes hash = crypt_lookup(a, keys_current(&keys->lookup), "handover", derive(a, keys_current(&keys->code), id));
	enum status st = end(db, a, actor, application_id, "replaced");

	if (st == ST_OK)
		st = db_query(db, a, NULL,
		              "INSERT INTO handover (id, application_id, step, token_hash, message_id, expires_at) VALUES ($1, $2, $3, $4, $5, now() + make_interval(mins => $6::integer))",
		              DB_TEXT(id), DB_TEXT(application_id), DB_TEXT(step), DB_BYTES(hash), DB_TEXT(message_id), DB_INT(HANDOVER_MINUTES));
	return st == ST_OK ? written(db, a, actor, "handover.created", application_id, id, NULL) : st;
}

enum status handover_open(struct db *db, struct arena *a, const struct actor *actor, const struct handover *h, struct bytes session)
{
	struct db_result *r;
	enum status st = db_query(db, a, &r,
	                          "UPDATE handover SET opened_at = now(), expires_at = now() + interval '30 minutes' WHERE id = $1 AND opened_at IS NULL"
	                          " AND ended_at IS NULL AND expires_at > now() RETURNING id",
	                          DB_TEXT(h->id));

	if (st == ST_OK && db_rows(r) != 1)
		return status_fail(ST_CONFLICT, "the link was used, ended or has run out");
	if (st == ST_OK)
		st = db_query(db, a, NULL, "INSERT INTO session (id_hash, application_id, handover_id, expires_at) SELECT $1, application_id, id, expires_at FROM handover WHERE id = $2",
		              DB_BYTES(session), DB_TEXT(h->id));
	return st == ST_OK ? written(db, a, actor, "handover.opened", h->application_id, h->id, NULL) : st;
}

enum status handover_end(struct db *db, struct arena *a, const struct actor *actor, const char *application_id, const char *by)
{
	return end(db, a, actor, application_id, by);
}
