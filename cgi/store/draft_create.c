/* How a draft begins, of a person or of a company: see draft.h. */
#include "store/draft.h"

#include "store/datakey.h"

/* The row itself, with a data key of its own. */
static enum status create(struct db *db, struct arena *a, const struct config *config, const struct actor *actor, const struct crypt_key *key, const char *kind,
			  bool organisation, const char *company_id, char **id)
{
	struct db_result *r;
	char *application = crypt_uuid(a), *number = crypt_readable(a, 12);
	enum status st = db_query(db, a, &r,
				  "INSERT INTO application (id, number, automaker_id, kind, holder, channel, acting, company_id, data_key_id, expires_at)"
				  " SELECT $1, $2, id, $3, CASE WHEN $8::boolean THEN 'organisation' ELSE 'person' END, 'online',"
				  " CASE WHEN $8::boolean THEN 'responsible_person' ELSE 'self' END, $7, $4, now() + make_interval(hours => $5::integer)"
				  " FROM automaker WHERE slug = $6 RETURNING id",
				  DB_TEXT(application), DB_TEXT(number), DB_TEXT(kind), DB_TEXT(key->id), DB_INT(config->draft_hours), DB_TEXT(config->automaker),
				  DB_TEXT(company_id), DB_BOOL(organisation));

	if (st == ST_OK && db_rows(r) != 1)
		st = status_fail(ST_ERROR, "the configured automaker is not in the database");
	if (st == ST_OK)
		st = audit_write(db, a, actor, "draft.created", application, arena_printf(a, "application:%s", application), "ok", NULL);
	if (st == ST_OK)
		*id = application;
	return st;
}

enum status draft_create(struct db *db, struct arena *a, const struct config *config, const struct keys *keys, const struct actor *actor,
			 struct bytes old_session, struct bytes session, const char *kind, char **id)
{
	struct crypt_key key;
	enum status st = datakey_create(db, a, keys, &key);

	if (st == ST_OK)
		st = create(db, a, config, actor, &key, kind, false, NULL, id);
	crypt_wipe(&key, sizeof key);
	/* The visitor's old row goes with its cookie; a sign-in to the records is not carried over to the new id by accident. */
	if (st == ST_OK && old_session.data)
		st = db_query(db, a, NULL, "DELETE FROM session WHERE id_hash = $1", DB_BYTES(old_session));
	if (st == ST_OK)
		st = db_query(db, a, NULL,
			      "INSERT INTO session (id_hash, application_id, expires_at, pauses_at) SELECT $1, id, expires_at, now() + "
			      "make_interval(mins => $3::integer)"
			      " FROM application WHERE id = $2",
			      DB_BYTES(session), DB_TEXT(*id), DB_INT(config->draft_idle_minutes));
	return st;
}

/* For whoever is signed in by phone: the draft of a company, whose admin member_id is (both NULL: none yet). */
static enum status create_signed_in(struct db *db, struct arena *a, const struct config *config, const struct keys *keys, const struct actor *actor,
				    struct bytes old_session, struct bytes session, const char *kind, const char *company_id, const char *member_id,
				    const char *phone, char **id)
{
	struct crypt_key key;
	struct db_result *r;
	enum status st = datakey_create(db, a, keys, &key);

	if (st == ST_OK)
		st = create(db, a, config, actor, &key, kind, true, company_id, id);
	if (st == ST_OK)
		st = db_query(db, a, &r,
			      "UPDATE session SET id_hash = $2, application_id = $3, handover_id = NULL, seen_at = now(), expires_at = now() + interval '24 hours',"
			      " pauses_at = now() + make_interval(mins => $5::integer) WHERE id_hash = $1 AND ($4::uuid IS NULL OR company_member_id = $4)"
			      " AND signed_in_until > now() RETURNING phone_hash, phone_hash_key",
			      DB_BYTES(old_session), DB_BYTES(session), DB_TEXT(*id), DB_TEXT(member_id), DB_INT(config->draft_idle_minutes));
	if (st == ST_OK && db_rows(r) != 1)
		st = status_fail(ST_CONFLICT, "the session is not signed in any more");
	if (st == ST_OK)
		st = db_query(db, a, NULL,
			      "UPDATE application SET phone_sealed = $2, phone_hash = $3, phone_hash_key = $4, phone_proved_at = now() WHERE id = $1", DB_TEXT(*id),
			      DB_BYTES(sealed_text(a, &key, "application", "phone", *id, phone)), DB_BYTES(db_bytes(r, 0, "phone_hash")),
			      DB_TEXT(db_text(r, 0, "phone_hash_key")));
	crypt_wipe(&key, sizeof key);
	return st;
}

enum status draft_create_company(struct db *db, struct arena *a, const struct config *config, const struct keys *keys, const struct actor *actor,
				 struct bytes old_session, struct bytes session, const char *kind, const struct company *company, char **id)
{
	return create_signed_in(db, a, config, keys, actor, old_session, session, kind, company->id, company->member_id, company->phone, id);
}

enum status draft_create_opening(struct db *db, struct arena *a, const struct config *config, const struct keys *keys, const struct actor *actor,
				 struct bytes old_session, struct bytes session, const char *kind, const char *phone, char **id)
{
	return create_signed_in(db, a, config, keys, actor, old_session, session, kind, NULL, NULL, phone, id);
}
