/* What is left of a session, and more of it: see lifetime.h. No pages here. */
#include "store/lifetime.h"

/* The name of the role as a column of LOAD: NAME is when it ends, NAME_limit the latest that it can. */
static const char *const columns[LIFETIME_ROLES][4] = {
	[LIFETIME_DRAFT] = {"draft", "draft_left", "draft_last", "draft_whose"},
	[LIFETIME_RECORDS] = {"records", "records_left", "records_last", "phone_whose"},
	[LIFETIME_HANDOVER] = {"handover", "handover_left", "handover_last", "draft_whose"},
};

#define ROLE(name)                                                                                                                         \
	" extract(epoch FROM " name ")::bigint AS " name ", floor(extract(epoch FROM " name " - now()))::integer AS " name "_left,"        \
	" coalesce(" name " >= " name "_limit, false) AS " name "_last"

#define WHOSE(name, column) " left(encode(sha256(" column "), 'hex'), 16) AS " name "_whose"
#define ROLES ROLE("draft") "," ROLE("records") "," ROLE("handover")

static const char LOAD[] =
	"SELECT" ROLES "," WHOSE("draft", "draft_id") "," WHOSE("phone", "phone_hash") " FROM (SELECT CASE WHEN a.id IS NOT NULL AND s.handover_id IS NULL"
	" THEN " LIFETIME_DRAFT_END " END AS draft, " LIFETIME_DRAFT_LIMIT " AS draft_limit,"
	" least(s.signed_in_until, s.expires_at) AS records,"
	" least(s.signed_in_at + make_interval(mins => $2::integer), s.expires_at) AS records_limit,"
	" CASE WHEN a.id IS NOT NULL AND h.ended_at IS NULL THEN least(h.expires_at, a.expires_at) END AS handover,"
	" least(h.opened_at + make_interval(mins => $3::integer), a.expires_at) AS handover_limit"
	", convert_to(a.id::text, 'UTF8') AS draft_id, s.phone_hash"
	" FROM session s LEFT JOIN application a ON a.id = s.application_id AND a.submitted_at IS NULL AND a.expired_at IS NULL"
	" LEFT JOIN handover h ON h.id = s.handover_id WHERE s.id_hash = $1 AND s.expires_at > now()) x";

enum status lifetime_load(struct db *db, struct arena *a, const struct config *config, struct bytes session,
			  struct lifetime out[LIFETIME_ROLES])
{
	struct db_result *r;
	enum status st;

	for (int i = 0; i < LIFETIME_ROLES; i++)
		out[i] = (struct lifetime){0};
	if (!session.data)
		return ST_OK;
	st = db_query(db, a, &r, LOAD, DB_BYTES(session), DB_INT(config->records_max_minutes), DB_INT(config->handover_max_minutes));
	if (st != ST_OK || db_rows(r) == 0)
		return st;
	for (int i = 0; i < LIFETIME_ROLES; i++) {
		int left = (int)db_int(r, 0, columns[i][1]);

		if (left > 0)
			out[i] = (struct lifetime){.left = left,
						   .last = db_bool(r, 0, columns[i][2]),
						   .until = db_int(r, 0, columns[i][0]),
						   .whose = db_text(r, 0, columns[i][3])};
	}
	return ST_OK;
}

#define SIGNED_IN_LONGER "greatest(signed_in_until, least(signed_in_at + make_interval(mins => $3::integer), now() + make_interval(mins => $2::integer)))"

/* Never earlier than it was: a setting may have become smaller. */
static enum status extend_handover(struct db *db, struct arena *a, const struct config *config, struct bytes session)
{
	struct db_result *r;
	enum status st = db_query(
		db, a, &r,
		"UPDATE handover h SET expires_at = greatest(h.expires_at,"
		" least(h.opened_at + make_interval(mins => $2::integer), now() + interval '30 minutes'))"
		" FROM session s WHERE s.id_hash = $1 AND s.handover_id = h.id AND s.application_id IS NOT NULL AND s.expires_at > now()"
		" AND h.opened_at IS NOT NULL AND h.ended_at IS NULL AND h.expires_at > now() RETURNING h.id",
		DB_BYTES(session), DB_INT(config->handover_max_minutes));

	if (st != ST_OK || db_rows(r) == 0)
		return st;
	return db_query(db, a, NULL,
			"UPDATE session s SET expires_at = h.expires_at FROM handover h WHERE s.id_hash = $1 AND h.id = s.handover_id",
			DB_BYTES(session));
}

enum status lifetime_extend(struct db *db, struct arena *a, const struct config *config, struct bytes session)
{
	enum status st = session.data ? db_begin(db) : ST_OK;

	if (!session.data || st != ST_OK)
		return st;
	st = extend_handover(db, a, config, session);
	if (st == ST_OK)
		st = db_query(db, a, NULL,
			      "UPDATE session SET pauses_at = now() + make_interval(mins => $2::integer) WHERE id_hash = $1 AND "
			      "handover_id IS NULL AND pauses_at > now()",
			      DB_BYTES(session), DB_INT(config->draft_idle_minutes));
	if (st == ST_OK)
		st = db_query(db, a, NULL,
			      "UPDATE session SET signed_in_until = " SIGNED_IN_LONGER " WHERE id_hash = $1 AND signed_in_until > now()",
			      DB_BYTES(session), DB_INT(config->records_minutes), DB_INT(config->records_max_minutes));
	if (st == ST_OK)
		return db_commit(db);
	db_rollback(db);
	return st;
}

enum status lifetime_answered(struct db *db, struct arena *a, const struct config *config, struct bytes session)
{
	return db_query(db, a, NULL,
			"UPDATE session s SET pauses_at = now() + make_interval(mins => $4::integer),"
			" signed_in_until = CASE WHEN (a.company_id IS NOT NULL OR a.kind = 'opening') AND signed_in_until > now() THEN " SIGNED_IN_LONGER
			" ELSE signed_in_until END FROM application a WHERE s.id_hash = $1 AND s.handover_id IS NULL AND a.id = s.application_id",
			DB_BYTES(session), DB_INT(config->records_minutes), DB_INT(config->records_max_minutes), DB_INT(config->draft_idle_minutes));
}

enum status lifetime_resume(struct db *db, struct arena *a, const struct config *config, struct bytes session)
{
	return db_query(db, a, NULL,
			"UPDATE session s SET pauses_at = now() + make_interval(mins => $2::integer) FROM application a"
			" WHERE s.id_hash = $1 AND s.handover_id IS NULL AND a.id = s.application_id AND a.phone_proved_at IS NOT NULL AND "
			"a.phone_hash = s.phone_hash",
			DB_BYTES(session), DB_INT(config->draft_idle_minutes));
}
