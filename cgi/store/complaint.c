/* Complaints: see complaint.h. What staff does with them is in operator/verb_complaint.c. */
#include "store/complaint.h"

#include <string.h>

#include "domain/field_rules.h"
#include "store/datakey.h"

static const struct {
	const char *name, *label;
} kinds[] = {
	{"not_mine", "登记不是我办的"}, {"wrong_data", "信息有误"}, {"service", "服务投诉"}, {"misuse", "举报违规使用"}, {"other", "其他"}, {NULL, NULL},
};

const char *complaint_kind_name(int i)
{
	return kinds[i].name;
}

const char *complaint_kind_label(int i)
{
	return kinds[i].label;
}

enum status complaint_create(struct db *db, struct arena *a, const struct config *config, const struct keys *keys, const struct actor *actor,
                             const struct complaint_new *new, char **id)
{
	struct crypt_key key;
	struct db_result *r;
	char *complaint = crypt_uuid(a), *number = crypt_readable(a, COMPLAINT_NUMBER_LENGTH);
	struct bytes once = crypt_lookup(a, keys_current(&keys->lookup), "complaint.form", new->once);
	enum status st;

	*id = NULL;
	/* Of two that are sent at once, the second waits here until the first is written. */
	st = db_query(db, a, NULL, "SELECT pg_advisory_xact_lock(hashtext('complaint.form'), hashtext(encode($1::bytea, 'hex')))", DB_BYTES(once));
	if (st == ST_OK)
		st = db_query(db, a, &r, "SELECT FROM complaint WHERE once_hash = $1", DB_BYTES(once));
	if (st != ST_OK || db_rows(r) > 0)
		return st;
	st = datakey_create(db, a, keys, &key);
	if (st != ST_OK)
		return st;
	st = db_query(db, a, &r,
	              "INSERT INTO complaint (id, number, automaker_id, kind, application_number, once_hash, data_key_id, text_sealed, phone_sealed)"
	              " SELECT $1, $2, id, $3, $4, $5, $6, $7, $8 FROM automaker WHERE slug = $9",
	              DB_TEXT(complaint), DB_TEXT(number), DB_TEXT(new->kind), DB_TEXT(new->application_number), DB_BYTES(once), DB_TEXT(key.id),
	              DB_BYTES(sealed_text(a, &key, "complaint", "text", complaint, new->text)),
	              DB_BYTES(sealed_text(a, &key, "complaint", "phone", complaint, new->phone)), DB_TEXT(config->automaker));
	crypt_wipe(&key, sizeof key);
	if (st == ST_OK && db_affected(r) != 1)
		st = status_fail(ST_ERROR, "the configured automaker is not in the database");
	if (st == ST_OK)
		st = audit_write(db, a, actor, "complaint.received", NULL, arena_printf(a, "complaint:%s", complaint), "ok",
		                 arena_printf(a, "{\"kind\":\"%s\"}", new->kind));
	if (st == ST_OK)
		*id = complaint;
	return st;
}

/* One sealed column of a complaint that was read; NULL when it is empty. */
static enum status open_column(struct db *db, struct arena *a, const struct keys *keys, const struct db_result *r, const char *column, char **out)
{
	struct crypt_key key;
	enum status st;

	*out = NULL;
	if (db_is_null(r, 0, column))
		return ST_OK;
	st = datakey_load(db, a, keys, db_text(r, 0, "data_key_id"), &key);
	if (st == ST_OK)
		st = opened_text(a, &key, "complaint", column, db_text(r, 0, "id"), db_bytes(r, 0, column), out);
	crypt_wipe(&key, sizeof key);
	return st;
}

enum status complaint_find(struct db *db, struct arena *a, const struct keys *keys, const char *number, const char *tail, char **id)
{
	struct db_result *r;
	char *phone;
	enum status st = db_query(db, a, &r, "SELECT id, data_key_id, phone_sealed FROM complaint WHERE number = $1", DB_TEXT(number));

	*id = NULL;
	if (st != ST_OK || db_rows(r) != 1)
		return st;
	st = open_column(db, a, keys, r, "phone_sealed", &phone);
	if (st != ST_OK)
		return st;
	if (!phone || (strlen(phone) > 4 && strlen(tail) == 4 && crypt_equal(phone + strlen(phone) - 4, tail, 4)))
		*id = arena_strdup(a, db_text(r, 0, "id"));
	return ST_OK;
}

enum status complaint_keep(struct db *db, struct arena *a, struct bytes session, const char *id, int minutes)
{
	return db_query(db, a, NULL,
	                "INSERT INTO session (id_hash, complaint_id, complaint_until, expires_at)"
	                " VALUES ($1, $2, now() + make_interval(mins => $3::integer), now() + interval '24 hours')"
	                " ON CONFLICT (id_hash) DO UPDATE SET complaint_id = excluded.complaint_id, complaint_until = excluded.complaint_until",
	                DB_BYTES(session), DB_TEXT(id), DB_INT(minutes));
}

enum status complaint_kept(struct db *db, struct arena *a, const struct keys *keys, struct bytes session, struct complaint *out)
{
	struct db_result *r;
	enum status st;

	if (!session.data)
		return status_fail(ST_NOT_FOUND, "no session");
	st = db_query(db, a, &r,
	              "SELECT c.id, c.number, c.kind, c.state, c.data_key_id, c.answer_sealed, c.phone_sealed IS NOT NULL AS has_phone,"
	              " c.cleared_at IS NOT NULL AS cleared, extract(epoch FROM c.created_at)::bigint AS created_at,"
	              " extract(epoch FROM c.answered_at)::bigint AS answered_at"
	              " FROM session s JOIN complaint c ON c.id = s.complaint_id WHERE s.id_hash = $1 AND s.complaint_until > now() AND s.expires_at > now()",
	              DB_BYTES(session));
	if (st == ST_OK && db_rows(r) != 1)
		st = status_fail(ST_NOT_FOUND, "this session follows no complaint");
	if (st != ST_OK)
		return st;
	*out = (struct complaint){
		.id = db_text(r, 0, "id"),
		.number = db_text(r, 0, "number"),
		.kind = db_text(r, 0, "kind"),
		.state = db_text(r, 0, "state"),
		.created_at = db_int(r, 0, "created_at"),
		.answered_at = db_int(r, 0, "answered_at"),
		.has_phone = db_bool(r, 0, "has_phone"),
		.cleared = db_bool(r, 0, "cleared"),
	};
	return open_column(db, a, keys, r, "answer_sealed", &out->answer);
}
