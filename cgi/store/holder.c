/* The holder of a draft: as read from the pictures, and as confirmed by the person. See draft.h. */
#include "store/draft.h"

#include <cjson/cJSON.h>

#include "store/datakey.h"
#include "store/papers.h"

struct bytes holder_number_hash(struct arena *a, const struct keys *keys, const char *certificate_type, const char *number)
{
	return crypt_lookup(a, keys_current(&keys->lookup), "certificate", arena_printf(a, "%s|%s", certificate_type, number));
}

const char *holder_role(const struct draft *d)
{
	return d->company_id ? "responsible_person" : "holder";
}

enum status holder_load(struct db *db, struct arena *a, const struct keys *keys, const struct draft *d, struct holder *out)
{
	struct db_result *r;
	struct crypt_key key;
	enum status st;

	*out = (struct holder){0};
	st = db_query(db, a, &r,
	              "SELECT p.id, p.certificate_type, name_sealed, number_sealed, address_sealed, telephone_sealed, number_hash, valid_from, valid_until, long_term, edited,"
	              " a.identity_kept_at IS NOT NULL AS kept FROM application_party p JOIN application a ON a.id = p.application_id"
	              " WHERE p.application_id = $1 AND p.role = $2",
	              DB_TEXT(d->id), DB_TEXT(holder_role(d)));
	if (st != ST_OK || db_rows(r) == 0)
		return st;
	st = datakey_load(db, a, keys, d->data_key_id, &key);
	if (st != ST_OK)
		return st;
	out->id = db_text(r, 0, "id");
	out->kept = db_bool(r, 0, "kept");
	out->certificate_type = db_text(r, 0, "certificate_type");
	out->valid_from = db_text(r, 0, "valid_from");
	out->valid_until = db_text(r, 0, "valid_until");
	out->long_term = db_bool(r, 0, "long_term");
	out->number_hash = db_bytes(r, 0, "number_hash");
	out->edited = db_text(r, 0, "edited");
	st = OPENED_COLUMNS(a, &key, "application_party", out->id, r, 0, {"name", &out->name}, {"number", &out->number},
	                    {"address", &out->address}, {"telephone", &out->telephone});
	crypt_wipe(&key, sizeof key);
	out->exists = st == ST_OK;
	return st;
}

enum status holder_forget_proofs(struct db *db, struct arena *a, const char *application_id, bool shown)
{
	return db_query(db, a, NULL,
	                "UPDATE application SET face_consent_at = NULL, liveness_passed_at = NULL, clip_evidence_id = NULL, portrait_evidence_id = NULL,"
	                " agreed_at = NULL,"
	                " papers_given_at = CASE WHEN NOT $2 OR company_id IS NULL THEN papers_given_at END,"
	                " other_evidence_id = CASE WHEN NOT $2 OR company_id IS NULL THEN other_evidence_id END WHERE id = $1",
	                DB_TEXT(application_id), DB_BOOL(shown));
}

static bool same_person(const struct holder *before, const struct holder *h)
{
	return before->exists && text_equal(before->name, h->name) && text_equal(before->number, h->number) &&
	       text_equal(before->certificate_type, h->certificate_type);
}

enum status holder_save(struct db *db, struct arena *a, const struct keys *keys, const struct actor *actor, const struct draft *d, const struct holder *h,
                        bool confirmed)
{
	struct crypt_key key;
	struct holder before;
	struct bytes hash = holder_number_hash(a, keys, h->certificate_type, h->number);
	const char *id;
	enum status st = holder_load(db, a, keys, d, &before);

	if (st == ST_OK)
		st = datakey_load(db, a, keys, d->data_key_id, &key);
	if (st != ST_OK)
		return st;
	id = before.exists ? before.id : crypt_uuid(a);
	st = db_query(db, a, NULL,
	              "INSERT INTO application_party (id, application_id, role, certificate_type, name_sealed, number_sealed, number_hash, number_hash_key,"
	              " address_sealed, valid_from, valid_until, long_term, edited, telephone_sealed)"
	              " VALUES ($1, $2, $13, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $14)"
	              " ON CONFLICT (application_id, role) DO UPDATE SET certificate_type = excluded.certificate_type, name_sealed = excluded.name_sealed,"
	              " number_sealed = excluded.number_sealed, number_hash = excluded.number_hash, number_hash_key = excluded.number_hash_key,"
	              " address_sealed = excluded.address_sealed, valid_from = excluded.valid_from, valid_until = excluded.valid_until,"
	              " long_term = excluded.long_term, edited = excluded.edited, telephone_sealed = excluded.telephone_sealed",
	              DB_TEXT(id), DB_TEXT(d->id), DB_TEXT(h->certificate_type),
	              DB_BYTES(sealed_text(a, &key, "application_party", "name", id, h->name)),
	              DB_BYTES(sealed_text(a, &key, "application_party", "number", id, h->number)), DB_BYTES(hash),
	              DB_TEXT(keys_current(&keys->lookup)->id), DB_BYTES(sealed_text(a, &key, "application_party", "address", id, h->address)),
	              DB_TEXT(h->valid_from), DB_TEXT(h->valid_until), DB_BOOL(h->long_term), DB_TEXT(h->edited ? h->edited : "{}"), DB_TEXT(holder_role(d)),
	              DB_BYTES(sealed_text(a, &key, "application_party", "telephone", id, h->telephone)));
	crypt_wipe(&key, sizeof key);
	/* Nobody before: an application done again may have taken over consents of a holder that cannot be read any more. */
	if (st == ST_OK && !same_person(&before, h))
		st = holder_forget_proofs(db, a, d->id, before.exists);
	if (st == ST_OK)
		st = db_query(db, a, NULL,
		              "UPDATE application SET certificate_confirmed_at = CASE WHEN $2::boolean THEN now() END, identity_kept_at = now(),"
		              " version = version + 1 WHERE id = $1",
		              DB_TEXT(d->id), DB_BOOL(confirmed));
	if (st == ST_OK && d->company_id)
		st = papers_compare(db, a, keys, d);
	if (st == ST_OK)
		st = audit_write(db, a, actor, confirmed ? "draft.certificate_confirmed" : "draft.certificate_kept", d->id, arena_printf(a, "application_party:%s", id), "ok", NULL);
	return st;
}

static void release_json(void *json)
{
	cJSON_Delete(json);
}

static char *member(struct arena *a, const cJSON *json, const char *name)
{
	const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, name));

	return text_empty(text) ? NULL : arena_strdup(a, text);
}

enum status reading_load(struct db *db, struct arena *a, const struct keys *keys, const struct draft *d, const char *evidence_id, struct reading *out)
{
	struct db_result *r;
	struct crypt_key key;
	char *text = NULL;
	cJSON *json;
	enum status st;

	*out = (struct reading){0};
	if (!evidence_id)
		return ST_OK;
	st = db_query(db, a, &r,
	              "SELECT id, state, cause, fields_sealed FROM reading WHERE evidence_id = $1 AND application_id = $2 ORDER BY created_at DESC LIMIT 1",
	              DB_TEXT(evidence_id), DB_TEXT(d->id));
	if (st != ST_OK || db_rows(r) == 0)
		return st;
	out->exists = true;
	out->id = db_text(r, 0, "id");
	out->state = db_text(r, 0, "state");
	out->cause = db_text(r, 0, "cause");
	if (db_is_null(r, 0, "fields_sealed"))
		return ST_OK;
	st = datakey_load(db, a, keys, d->data_key_id, &key);
	if (st == ST_OK)
		st = opened_text(a, &key, "reading", "fields", out->id, db_bytes(r, 0, "fields_sealed"), &text);
	crypt_wipe(&key, sizeof key);
	if (st != ST_OK || !text)
		return st;
	json = cJSON_Parse(text);
	if (!json)
		return status_fail(ST_ERROR, "reading %s is not JSON", out->id);
	arena_cleanup(a, release_json, json);
	out->name = member(a, json, "name");
	out->sex = member(a, json, "sex");
	out->nation = member(a, json, "nation");
	out->birth = member(a, json, "birth");
	out->address = member(a, json, "address");
	out->number = member(a, json, "number");
	out->authority = member(a, json, "authority");
	out->validity = member(a, json, "validity");
	return ST_OK;
}
