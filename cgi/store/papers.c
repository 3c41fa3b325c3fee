/* Papers of a company: see papers.h. */
#include "store/papers.h"

#include "store/datakey.h"
#include "store/queue.h"

#define ROLE "organisation"

static enum status changed(struct db *db, struct arena *a, const struct actor *actor, const struct draft *d, const char *action, const char *object)
{
	return audit_write(db, a, actor, action, d->id, object, "ok", NULL);
}

/* ---- the organisation ---- */

enum status organisation_load(struct db *db, struct arena *a, const struct keys *keys, const struct draft *d, struct organisation *out)
{
	struct db_result *r;
	struct crypt_key key;
	enum status st;

	*out = (struct organisation){0};
	st = db_query(db, a, &r,
		      "SELECT id, certificate_type, name_sealed, number_sealed, address_sealed, postal_address_sealed, valid_from, valid_until, long_term,"
		      " edited FROM application_party WHERE application_id = $1 AND role = $2",
		      DB_TEXT(d->id), DB_TEXT(ROLE));
	if (st != ST_OK || db_rows(r) == 0)
		return st;
	st = datakey_load(db, a, keys, d->data_key_id, &key);
	if (st != ST_OK)
		return st;
	out->id = db_text(r, 0, "id");
	out->certificate_type = db_text(r, 0, "certificate_type");
	out->valid_from = db_text(r, 0, "valid_from");
	out->valid_until = db_text(r, 0, "valid_until");
	out->long_term = db_bool(r, 0, "long_term");
	out->edited = db_text(r, 0, "edited");
	st = OPENED_COLUMNS(a, &key, "application_party", out->id, r, 0, {"name", &out->name}, {"number", &out->code}, {"address", &out->address},
			    {"postal_address", &out->postal_address});
	crypt_wipe(&key, sizeof key);
	out->exists = st == ST_OK;
	return st;
}

enum status organisation_save(struct db *db, struct arena *a, const struct keys *keys, const struct actor *actor, const struct draft *d,
			      const struct organisation *o)
{
	struct db_result *r;
	struct crypt_key key;
	struct bytes hash = holder_number_hash(a, keys, o->certificate_type, o->code);
	const char *id;
	enum status st = datakey_load(db, a, keys, d->data_key_id, &key);

	if (st != ST_OK)
		return st;
	st = db_query(db, a, &r, "SELECT id FROM application_party WHERE application_id = $1 AND role = $2", DB_TEXT(d->id), DB_TEXT(ROLE));
	id = st == ST_OK && db_rows(r) == 1 ? db_text(r, 0, "id") : crypt_uuid(a);
	if (st == ST_OK)
		st = db_query(db, a, NULL,
			      "INSERT INTO application_party (id, application_id, role, certificate_type, name_sealed, number_sealed, number_hash,"
			      " number_hash_key, address_sealed, postal_address_sealed, valid_from, valid_until, long_term, edited)"
			      " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)"
			      " ON CONFLICT (application_id, role) DO UPDATE SET certificate_type = excluded.certificate_type,"
			      " name_sealed = excluded.name_sealed, number_sealed = excluded.number_sealed, number_hash = excluded.number_hash,"
			      " number_hash_key = excluded.number_hash_key, address_sealed = excluded.address_sealed,"
			      " postal_address_sealed = excluded.postal_address_sealed, valid_from = excluded.valid_from,"
			      " valid_until = excluded.valid_until, long_term = excluded.long_term, edited = excluded.edited",
			      DB_TEXT(id), DB_TEXT(d->id), DB_TEXT(ROLE), DB_TEXT(o->certificate_type),
			      DB_BYTES(sealed_text(a, &key, "application_party", "name", id, o->name)),
			      DB_BYTES(sealed_text(a, &key, "application_party", "number", id, o->code)), DB_BYTES(hash),
			      DB_TEXT(keys_current(&keys->lookup)->id), DB_BYTES(sealed_text(a, &key, "application_party", "address", id, o->address)),
			      DB_BYTES(sealed_text(a, &key, "application_party", "postal_address", id, o->postal_address)), DB_TEXT(o->valid_from),
			      DB_TEXT(o->valid_until), DB_BOOL(o->long_term), DB_TEXT(o->edited ? o->edited : "{}"));
	crypt_wipe(&key, sizeof key);
	if (st == ST_OK)
		st = db_query(db, a, NULL, "UPDATE application SET company_confirmed_at = now(), version = version + 1 WHERE id = $1", DB_TEXT(d->id));
	return st == ST_OK ? changed(db, a, actor, d, "draft.company_confirmed", arena_printf(a, "application_party:%s", id)) : st;
}

static enum status read_certificate(struct db *db, struct arena *a, const struct draft *d, const char *evidence_id)
{
	char *id = crypt_uuid(a);
	enum status st = db_query(db, a, NULL, "INSERT INTO reading (id, application_id, evidence_id, side) VALUES ($1, $2, $3, 'licence')", DB_TEXT(id),
				  DB_TEXT(d->id), DB_TEXT(evidence_id));

	return st == ST_OK ? queue_add(db, a, "certificate_read", id, 0) : st;
}

enum status papers_set_certificate(struct db *db, struct arena *a, const struct actor *actor, const struct draft *d, const char *evidence_id)
{
	enum status st = db_query(db, a, NULL,
				  "UPDATE application SET business_licence_evidence_id = $2, company_confirmed_at = NULL, version = version + 1 WHERE id = $1",
				  DB_TEXT(d->id), DB_TEXT(evidence_id));

	if (st == ST_OK)
		st = read_certificate(db, a, d, evidence_id);
	return st == ST_OK ? changed(db, a, actor, d, "draft.company_certificate_given", arena_printf(a, "evidence:%s", evidence_id)) : st;
}

enum status papers_read_again(struct db *db, struct arena *a, const struct actor *actor, const struct draft *d)
{
	enum status st = db_query(db, a, NULL, "UPDATE application SET version = version + 1 WHERE id = $1", DB_TEXT(d->id));

	if (st == ST_OK)
		st = read_certificate(db, a, d, d->business_evidence_id);
	return st == ST_OK ? changed(db, a, actor, d, "draft.company_read_again", arena_printf(a, "evidence:%s", d->business_evidence_id)) : st;
}

/* ---- the letter ---- */

enum status papers_set_letter(struct db *db, struct arena *a, const struct actor *actor, const struct draft *d, const char *evidence_id)
{
	enum status st = db_query(db, a, NULL,
				  "UPDATE application SET authorisation_evidence_id = $2, authorisation_name_sealed = NULL, authorisation_given_at = NULL,"
				  " authorisation_differs = false, version = version + 1 WHERE id = $1",
				  DB_TEXT(d->id), DB_TEXT(evidence_id));

	return st == ST_OK ? changed(db, a, actor, d, "draft.letter_uploaded", arena_printf(a, "evidence:%s", evidence_id)) : st;
}

enum status papers_give_letter(struct db *db, struct arena *a, const struct keys *keys, const struct actor *actor, const struct draft *d, const char *name)
{
	struct crypt_key key;
	enum status st = datakey_load(db, a, keys, d->data_key_id, &key);

	if (st == ST_OK)
		st = db_query(db, a, NULL,
			      "UPDATE application SET authorisation_name_sealed = $2, authorisation_given_at = now(), version = version + 1 WHERE id = $1",
			      DB_TEXT(d->id), DB_BYTES(sealed_text(a, &key, "application", "authorisation_name", d->id, name)));
	crypt_wipe(&key, sizeof key);
	if (st == ST_OK)
		st = papers_compare(db, a, keys, d);
	return st == ST_OK ? changed(db, a, actor, d, "draft.letter_given", arena_printf(a, "application:%s", d->id)) : st;
}

enum status papers_compare(struct db *db, struct arena *a, const struct keys *keys, const struct draft *d)
{
	struct holder person;
	char *named;
	bool differs;
	enum status st = draft_opened(db, a, keys, d, "authorisation_name", &named);

	if (st == ST_OK)
		st = holder_load(db, a, keys, d, &person);
	if (st != ST_OK)
		return st;
	differs = named && person.exists && !text_same_name(a, named, person.name);
	return db_query(db, a, NULL, "UPDATE application SET authorisation_differs = $2 WHERE id = $1", DB_TEXT(d->id), DB_BOOL(differs));
}

/* ---- attachments ---- */

enum status papers_attachments(struct db *db, struct arena *a, const char *application_id, struct attachment *out, int *count)
{
	struct db_result *r;
	enum status st = db_query(db, a, &r,
				  "SELECT p.id, p.evidence_id, e.media_type = 'application/pdf' AS pdf,"
				  " greatest(1, (SELECT count(*) FROM evidence g WHERE g.page_of = e.id)) AS pages"
				  " FROM application_paper p JOIN evidence e ON e.id = p.evidence_id WHERE p.application_id = $1 ORDER BY p.added_at, p.id LIMIT $2",
				  DB_TEXT(application_id), DB_INT(ATTACHMENTS_MAX));

	*count = st == ST_OK ? db_rows(r) : 0;
	for (int i = 0; i < *count; i++)
		out[i] = (struct attachment){
			.id = db_text(r, i, "id"),
			.evidence_id = db_text(r, i, "evidence_id"),
			.pdf = db_bool(r, i, "pdf"),
			.pages = (int)db_int(r, i, "pages"),
		};
	return st;
}

enum status papers_attached(struct db *db, struct arena *a, const char *application_id, struct bytes sha256, bool *yes)
{
	struct db_result *r;
	enum status st = db_query(db, a, &r,
				  "SELECT FROM application_paper p JOIN evidence e ON e.id = p.evidence_id WHERE p.application_id = $1 AND e.original_sha256 = $2 LIMIT 1",
				  DB_TEXT(application_id), DB_BYTES(sha256));

	*yes = st == ST_OK && db_rows(r) > 0;
	return st;
}

/* A changed list has to be looked at again. */
static enum status list_changed(struct db *db, struct arena *a, const struct actor *actor, const struct draft *d, const char *action, const char *id)
{
	enum status st = db_query(db, a, NULL, "UPDATE application SET attachments_given_at = NULL, version = version + 1 WHERE id = $1", DB_TEXT(d->id));

	return st == ST_OK ? changed(db, a, actor, d, action, arena_printf(a, "application_paper:%s", id)) : st;
}

enum status papers_add_attachment(struct db *db, struct arena *a, const struct actor *actor, const struct draft *d, const char *evidence_id)
{
	char *id = crypt_uuid(a);
	enum status st;

	if (d->attachments >= ATTACHMENTS_MAX)
		return status_fail(ST_LIMIT, "there are %d attachments", ATTACHMENTS_MAX);
	st = db_query(db, a, NULL, "INSERT INTO application_paper (id, application_id, evidence_id) VALUES ($1, $2, $3)", DB_TEXT(id), DB_TEXT(d->id),
		      DB_TEXT(evidence_id));
	return st == ST_OK ? list_changed(db, a, actor, d, "draft.attachment_added", id) : st;
}

enum status papers_remove_attachment(struct db *db, struct arena *a, const struct actor *actor, const struct draft *d, const char *id)
{
	struct db_result *r;
	enum status st = db_query(db, a, &r, "DELETE FROM application_paper WHERE application_id = $1 AND id::text = $2", DB_TEXT(d->id), DB_TEXT(id));

	return st == ST_OK && db_affected(r) > 0 ? list_changed(db, a, actor, d, "draft.attachment_removed", id) : st;
}

enum status papers_give_attachments(struct db *db, struct arena *a, const struct actor *actor, const struct draft *d)
{
	enum status st = db_query(db, a, NULL, "UPDATE application SET attachments_given_at = now(), version = version + 1 WHERE id = $1", DB_TEXT(d->id));

	return st == ST_OK ? changed(db, a, actor, d, "draft.attachments_given", arena_printf(a, "application:%s", d->id)) : st;
}

/* ---- what shows a paper ---- */

enum status papers_page(struct db *db, struct arena *a, const char *application_id, const char *evidence_id, int page, const char **out)
{
	struct db_result *r;
	enum status st = db_query(db, a, &r,
				  "SELECT CASE WHEN e.media_type LIKE 'image/%' AND $3 = 1 THEN e.id"
				  " ELSE (SELECT g.id FROM evidence g WHERE g.page_of = e.id AND g.page = $3) END AS id"
				  " FROM evidence e WHERE e.id = $1 AND e.application_id = $2 AND e.deleted_at IS NULL",
				  DB_TEXT(evidence_id), DB_TEXT(application_id), DB_INT(page));

	if (st != ST_OK)
		return st;
	if (db_rows(r) == 0 || db_is_null(r, 0, "id"))
		return status_fail(ST_NOT_FOUND, "no such page");
	*out = db_text(r, 0, "id");
	return ST_OK;
}

enum status papers_pages(struct db *db, struct arena *a, const char *evidence_id, int *out)
{
	struct db_result *r;
	enum status st = db_query(db, a, &r, "SELECT greatest(1, (SELECT count(*) FROM evidence g WHERE g.page_of = e.id)) AS n FROM evidence e WHERE e.id = $1",
				  DB_TEXT(evidence_id));

	*out = st == ST_OK && db_rows(r) == 1 ? (int)db_int(r, 0, "n") : 0;
	return st;
}
