/* Opening a company: see company_open.h. */
#include "store/company_open.h"

#include "store/datakey.h"

/* The company with this code: a new one, or the one that is there (*fresh false). */
static enum status company_of_code(struct db *db, struct arena *a, const struct draft *d, const struct organisation *o, const char **id, bool *fresh)
{
	struct db_result *r;
	enum status st = db_query(db, a, &r,
				  "INSERT INTO company (id, automaker_id, code, name, opened_by) SELECT $1, automaker_id, $3, $4, 'self' FROM application"
				  " WHERE id = $2 ON CONFLICT (automaker_id, code) DO NOTHING RETURNING id",
				  DB_TEXT(crypt_uuid(a)), DB_TEXT(d->id), DB_TEXT(o->code), DB_TEXT(o->name));

	*fresh = st == ST_OK && db_rows(r) == 1;
	if (st == ST_OK && !*fresh)
		st = db_query(db, a, &r, "SELECT c.id FROM company c JOIN application a ON a.automaker_id = c.automaker_id WHERE a.id = $1 AND c.code = $2",
			      DB_TEXT(d->id), DB_TEXT(o->code));
	if (st == ST_OK && db_rows(r) != 1)
		st = status_fail(ST_CONFLICT, "the company came and went");
	if (st == ST_OK)
		*id = db_text(r, 0, "id");
	return st;
}

static enum status add_admin(struct db *db, struct arena *a, const struct keys *keys, const struct draft *d, const char *company_id, const char *phone,
			     struct company_opened *out)
{
	struct db_result *r;
	char *id = crypt_uuid(a);
	enum status st = db_query(db, a, &r,
				  "INSERT INTO company_member (id, company_id, phone_sealed, phone_hash, phone_hash_key, state, added_by, application_id)"
				  " SELECT $1, $2, $3, phone_hash, phone_hash_key, $4, 'visitor', id FROM application WHERE id = $5"
				  " ON CONFLICT (phone_hash, company_id) WHERE state <> 'removed' DO NOTHING RETURNING id",
				  DB_TEXT(id), DB_TEXT(company_id), DB_BYTES(sealed_by_master(a, keys, "company_member", "phone", id, phone)),
				  DB_TEXT(out->waits ? "waiting" : "active"), DB_TEXT(d->id));

	if (st == ST_OK && db_rows(r) == 1) {
		out->member_id = id;
		return ST_OK;
	}
	out->already = true;
	if (st == ST_OK)
		st = db_query(db, a, &r,
			      "SELECT m.id, m.state = 'waiting' AS waits FROM company_member m JOIN application p ON p.phone_hash = m.phone_hash"
			      " WHERE p.id = $1 AND m.company_id = $2 AND m.state <> 'removed'",
			      DB_TEXT(d->id), DB_TEXT(company_id));
	if (st == ST_OK && db_rows(r) != 1)
		return status_fail(ST_CONFLICT, "the admin came and went");
	if (st != ST_OK)
		return st;
	out->member_id = db_text(r, 0, "id");
	out->waits = db_bool(r, 0, "waits");
	return ST_OK;
}

enum status company_open(struct db *db, struct arena *a, const struct keys *keys, const struct actor *actor, const struct draft *d, const struct organisation *o,
			 const char *phone, struct company_opened *out)
{
	const char *company_id;
	bool fresh;
	enum status st = company_of_code(db, a, d, o, &company_id, &fresh);

	*out = (struct company_opened){.waits = st == ST_OK && !fresh};
	if (st == ST_OK)
		st = add_admin(db, a, keys, d, company_id, phone, out);
	if (st == ST_OK)
		st = db_query(db, a, NULL, "UPDATE application SET submitted_at = now(), version = version + 1 WHERE id = $1", DB_TEXT(d->id));
	if (st == ST_OK)
		st = audit_write(db, a, actor, fresh ? "company.opened" : "company.claimed", d->id, arena_printf(a, "company:%s", company_id), "ok",
				 arena_printf(a, "{\"member\":\"%s\",\"already\":%s}", out->member_id, out->already ? "true" : "false"));
	return st;
}
