/* Admins of companies: see company_member.h. */
#include "store/company_member.h"

#include "store/datakey.h"

static const char TABLE[] = "company_member";

static struct bytes hash_of(struct arena *a, const struct keys *keys, const char *phone)
{
	return crypt_lookup(a, keys_current(&keys->lookup), "phone", phone);
}

enum status company_member_of_phone(struct db *db, struct arena *a, const struct keys *keys, const char *company_id, const char *phone,
				    struct company_member *out)
{
	struct db_result *r;
	enum status st = db_query(db, a, &r,
				  "SELECT id, state FROM company_member WHERE company_id = $1 AND phone_hash = $2"
				  " ORDER BY state = 'removed' LIMIT 1 FOR UPDATE",
				  DB_TEXT(company_id), DB_BYTES(hash_of(a, keys, phone)));

	*out = (struct company_member){0};
	if (st != ST_OK || db_rows(r) == 0)
		return st;
	out->was_removed = text_equal(db_text(r, 0, "state"), "removed");
	out->active = text_equal(db_text(r, 0, "state"), "active");
	out->id = out->was_removed ? NULL : db_text(r, 0, "id");
	return ST_OK;
}

static enum status tell(struct db *db, struct arena *a, const struct actor *actor, const char *action, const char *member_id)
{
	return audit_write(db, a, actor, action, NULL, arena_printf(a, "%s:%s", TABLE, member_id), "ok", NULL);
}

enum status company_member_add(struct db *db, struct arena *a, const struct keys *keys, const struct actor *actor, const char *company_id,
			       const char *phone, const char *name, const char *added_by, struct company_member *m, bool *added)
{
	char *id = crypt_uuid(a);
	enum status st;

	*added = !m->active;
	if (m->id) {
		st = db_query(db, a, NULL, "UPDATE company_member SET state = 'active', name_sealed = coalesce($2, name_sealed) WHERE id = $1", DB_TEXT(m->id),
			      DB_BYTES(sealed_by_master(a, keys, TABLE, "name", m->id, name)));
		m->active = true;
		return st == ST_OK && *added ? tell(db, a, actor, "company.member_admitted", m->id) : st;
	}
	st = db_query(db, a, NULL,
		      "INSERT INTO company_member (id, company_id, phone_sealed, phone_hash, phone_hash_key, name_sealed, state, added_by)"
		      " VALUES ($1, $2, $3, $4, $5, $6, 'active', $7)",
		      DB_TEXT(id), DB_TEXT(company_id), DB_BYTES(sealed_by_master(a, keys, TABLE, "phone", id, phone)), DB_BYTES(hash_of(a, keys, phone)),
		      DB_TEXT(keys_current(&keys->lookup)->id), DB_BYTES(sealed_by_master(a, keys, TABLE, "name", id, name)), DB_TEXT(added_by));
	*m = (struct company_member){.id = id, .active = true};
	return st == ST_OK ? tell(db, a, actor, "company.member_added", id) : st;
}

enum status company_member_remove(struct db *db, struct arena *a, const struct actor *actor, const char *member_id)
{
	enum status st = db_query(db, a, NULL,
				  "UPDATE company_member SET state = 'removed', removed_at = now(), phone_sealed = NULL, name_sealed = NULL"
				  " WHERE id = $1 AND state <> 'removed'",
				  DB_TEXT(member_id));

	return st == ST_OK ? tell(db, a, actor, "company.member_removed", member_id) : st;
}

enum status company_choices(struct db *db, struct arena *a, struct bytes phone_hash, struct db_result **out)
{
	return db_query(db, a, out,
			"SELECT m.id AS member_id, c.name, c.code, m.state = 'active' AS active FROM company_member m"
			" JOIN company c ON c.id = m.company_id AND c.closed_at IS NULL"
			" WHERE m.phone_hash = $1 AND m.state IN ('active', 'waiting') ORDER BY c.name, c.code",
			DB_BYTES(phone_hash));
}

enum status company_enter_only(struct db *db, struct arena *a, const struct actor *actor, struct bytes session)
{
	struct db_result *r;
	enum status st = db_query(db, a, &r,
				  "UPDATE session s SET company_member_id = x.id FROM (SELECT min(m.id::text)::uuid AS id, t.id_hash FROM session t"
				  " JOIN company_member m ON m.phone_hash = t.phone_hash AND m.state IN ('active', 'waiting')"
				  " JOIN company c ON c.id = m.company_id AND c.closed_at IS NULL WHERE t.id_hash = $1"
				  " GROUP BY t.id_hash HAVING count(*) = 1 AND bool_and(m.state = 'active')) x"
				  " WHERE s.id_hash = x.id_hash RETURNING s.company_member_id",
				  DB_BYTES(session));

	if (st != ST_OK || db_rows(r) == 0)
		return st;
	return tell(db, a, actor, "company.entered", db_text(r, 0, "company_member_id"));
}

enum status company_may_enter(struct db *db, struct arena *a, struct bytes session, const char *member_id, bool *may)
{
	struct db_result *r;
	enum status st = db_query(db, a, &r,
				  "SELECT FROM session s JOIN company_member m ON m.phone_hash = s.phone_hash AND m.state = 'active' AND m.id::text = $2"
				  " JOIN company c ON c.id = m.company_id AND c.closed_at IS NULL"
				  " WHERE s.id_hash = $1 AND s.expires_at > now() AND s.signed_in_until > now() AND s.handover_id IS NULL FOR UPDATE OF s, m",
				  DB_BYTES(session), DB_TEXT(member_id));

	*may = st == ST_OK && db_rows(r) == 1;
	return st;
}

enum status company_enter(struct db *db, struct arena *a, const struct actor *actor, struct bytes old_session, struct bytes session,
			  const char *member_id)
{
	enum status st = db_query(db, a, NULL, "UPDATE session SET id_hash = $2, company_member_id = $3, seen_at = now() WHERE id_hash = $1",
				  DB_BYTES(old_session), DB_BYTES(session), DB_TEXT(member_id));

	return st == ST_OK ? tell(db, a, actor, "company.entered", member_id) : st;
}
