/* 沿用上次的材料: see papers_reuse. A paper that has run out, or whose file is gone, is left out and asked for again. */
#include "store/copying.h"
#include "store/datakey.h"
#include "store/papers.h"

struct work {
	struct db *db;
	struct arena *a;
	const struct keys *keys;
	const struct draft *d;
	struct copying c;
	struct db_result *old;
};

enum status papers_last(struct db *db, struct arena *a, const struct draft *d, const char **id, const char **number)
{
	struct db_result *r;
	enum status st = db_query(db, a, &r,
				  "SELECT o.id, o.number FROM application o JOIN data_key k ON k.id = o.data_key_id AND k.erased_at IS NULL"
				  " WHERE o.company_id = $1 AND o.submitted_at IS NOT NULL AND o.id <> $2 AND o.erased_at IS NULL"
				  " ORDER BY o.created_at DESC LIMIT 1",
				  DB_TEXT(d->company_id), DB_TEXT(d->id));

	*id = st == ST_OK && db_rows(r) == 1 ? db_text(r, 0, "id") : NULL;
	*number = *id ? db_text(r, 0, "number") : NULL;
	return st;
}

/* A party that has not run out, sealed anew. *taken tells whether there is one. */
static enum status take_party(struct work *w, const char *role, bool *taken)
{
	static const char *const columns[] = {"name", "number", "address", "postal_address", "telephone"};
	enum { COLUMNS = sizeof columns / sizeof *columns };
	struct db_result *r;
	struct bytes sealed[COLUMNS];
	const char *id;
	char *text;
	/* in the place of one that was typed and never confirmed */
	enum status st = db_query(w->db, w->a, &r,
				  "SELECT id, (SELECT n.id FROM application_party n WHERE n.application_id = $3 AND n.role = $2) AS kept, name_sealed, number_sealed, address_sealed, postal_address_sealed, telephone_sealed FROM application_party"
				  " WHERE application_id = $1 AND role = $2 AND (long_term OR valid_until >= (now() AT TIME ZONE 'Asia/Shanghai')::date)",
				  DB_TEXT(w->c.from), DB_TEXT(role), DB_TEXT(w->c.to));

	*taken = st == ST_OK && db_rows(r) == 1;
	if (!*taken)
		return st;
	id = db_is_null(r, 0, "kept") ? crypt_uuid(w->a) : db_text(r, 0, "kept");
	for (int i = 0; st == ST_OK && i < COLUMNS; i++) {
		st = opened_text(w->a, &w->c.from_key, "application_party", columns[i], db_text(r, 0, "id"),
				 db_bytes(r, 0, arena_printf(w->a, "%s_sealed", columns[i])), &text);
		if (st == ST_OK)
			sealed[i] = sealed_text(w->a, &w->c.to_key, "application_party", columns[i], id, text);
	}
	if (st != ST_OK)
		return st;
	return db_query(w->db, w->a, NULL,
			"INSERT INTO application_party (id, application_id, role, certificate_type, name_sealed, number_sealed, number_hash, number_hash_key,"
			" address_sealed, postal_address_sealed, telephone_sealed, valid_from, valid_until, long_term, edited)"
			" SELECT $1, $2, role, certificate_type, $3, $4, number_hash, number_hash_key, $5, $6, $7, valid_from, valid_until, long_term, edited"
			" FROM application_party WHERE id = $8"
			" ON CONFLICT (application_id, role) DO UPDATE SET certificate_type = excluded.certificate_type, name_sealed = excluded.name_sealed,"
			" number_sealed = excluded.number_sealed, number_hash = excluded.number_hash, number_hash_key = excluded.number_hash_key,"
			" address_sealed = excluded.address_sealed, postal_address_sealed = excluded.postal_address_sealed,"
			" telephone_sealed = excluded.telephone_sealed, valid_from = excluded.valid_from, valid_until = excluded.valid_until,"
			" long_term = excluded.long_term, edited = excluded.edited",
			DB_TEXT(id), DB_TEXT(w->c.to), DB_BYTES(sealed[0]), DB_BYTES(sealed[1]), DB_BYTES(sealed[2]), DB_BYTES(sealed[3]),
			DB_BYTES(sealed[4]), DB_TEXT(db_text(r, 0, "id")));
}

static enum status take_company(struct work *w)
{
	const char *old = db_text(w->old, 0, "business_licence_evidence_id");
	char *file;
	bool taken;
	enum status st = take_party(w, "organisation", &taken);

	if (st != ST_OK || !taken)
		return st;
	st = copying_evidence(&w->c, old, &file);
	if (st != ST_OK || !file)
		return st;
	st = copying_reading(&w->c, old, file);
	return st == ST_OK ? db_query(w->db, w->a, NULL,
				      "UPDATE application SET business_licence_evidence_id = $2, company_confirmed_at = now() WHERE id = $1", DB_TEXT(w->c.to),
				      DB_TEXT(file))
			   : st;
}

static enum status take_person(struct work *w)
{
	const char *old_front = db_text(w->old, 0, "front_evidence_id"), *old_back = db_text(w->old, 0, "back_evidence_id");
	char *front, *back;
	bool taken;
	enum status st = take_party(w, "responsible_person", &taken);

	if (st != ST_OK || !taken)
		return st;
	/* Whoever was verified before may be somebody else: this one is verified himself. */
	st = holder_forget_proofs(w->db, w->a, w->c.to, true);
	if (st == ST_OK)
		st = copying_evidence(&w->c, old_front, &front);
	if (st == ST_OK)
		st = copying_evidence(&w->c, old_back, &back);
	if (st != ST_OK || !front || (old_back && !back))
		return st;
	st = copying_reading(&w->c, old_front, front);
	if (st == ST_OK && back)
		st = copying_reading(&w->c, old_back, back);
	if (st == ST_OK)
		st = db_query(w->db, w->a, NULL,
			      "UPDATE application SET certificate_type = $2, front_evidence_id = $3, back_evidence_id = $4, front_ready_at = now(),"
			      " back_ready_at = CASE WHEN $4::uuid IS NOT NULL THEN now() END, certificate_confirmed_at = now(), identity_kept_at = now() WHERE id = $1",
			      DB_TEXT(w->c.to), DB_TEXT(db_text(w->old, 0, "certificate_type")), DB_TEXT(front), DB_TEXT(back));
	return st;
}

static enum status take_attachments(struct work *w)
{
	struct attachment list[ATTACHMENTS_MAX];
	char *file;
	int count, taken = 0;
	enum status st = papers_attachments(w->db, w->a, w->c.from, list, &count);

	for (int i = 0; st == ST_OK && i < count; i++) {
		st = copying_evidence(&w->c, list[i].evidence_id, &file);
		if (st == ST_OK && file) {
			st = db_query(w->db, w->a, NULL, "INSERT INTO application_paper (id, application_id, evidence_id) VALUES ($1, $2, $3)",
				      DB_TEXT(crypt_uuid(w->a)), DB_TEXT(w->c.to), DB_TEXT(file));
			taken++;
		}
	}
	/* one that is gone: the rest have to be looked at again */
	return st == ST_OK && count > 0 && taken == count
		       ? db_query(w->db, w->a, NULL, "UPDATE application SET attachments_given_at = now() WHERE id = $1", DB_TEXT(w->c.to))
		       : st;
}

static enum status take_letter(struct work *w)
{
	char *file, *name;
	enum status st = opened_text(w->a, &w->c.from_key, "application", "authorisation_name", w->c.from, db_bytes(w->old, 0, "authorisation_name_sealed"), &name);

	if (st != ST_OK)
		return st;
	st = copying_evidence(&w->c, db_text(w->old, 0, "authorisation_evidence_id"), &file);
	if (st != ST_OK || !file)
		return st;
	/* One that came when staff asked for another: whom it names is still to be said. */
	return db_query(w->db, w->a, NULL,
			"UPDATE application SET authorisation_evidence_id = $2, authorisation_name_sealed = $3,"
			" authorisation_given_at = CASE WHEN $3::bytea IS NOT NULL THEN now() END WHERE id = $1",
			DB_TEXT(w->c.to), DB_TEXT(file),
			DB_BYTES(name ? sealed_text(w->a, &w->c.to_key, "application", "authorisation_name", w->c.to, name) : ((struct bytes){NULL, 0})));
}

static enum status take(struct work *w, bool letter)
{
	const struct draft *d = w->d;
	bool same_kind = text_equal(db_text(w->old, 0, "kind"), d->kind);
	enum status st = ST_OK;

	if (!d->business_evidence_id)
		st = take_company(w);
	/* a change is about another person than the batch before, but about the same when it is done again */
	if (st == ST_OK && !d->front_evidence_id && (letter || !text_equal(d->kind, "update")))
		st = take_person(w);
	if (st == ST_OK && d->attachments == 0 && same_kind)
		st = take_attachments(w);
	if (st == ST_OK && !d->letter_evidence_id && letter)
		st = take_letter(w);
	if (st == ST_OK)
		st = db_query(w->db, w->a, NULL, "UPDATE application SET papers_from = $2, version = version + 1 WHERE id = $1", DB_TEXT(w->c.to),
			      DB_TEXT(w->c.from));
	return st == ST_OK ? papers_compare(w->db, w->a, w->keys, d) : st;
}

enum status papers_reuse(struct db *db, struct arena *a, const struct config *config, const struct keys *keys, const struct actor *actor,
			 const struct draft *d, const char *from, bool letter)
{
	struct work w = {.db = db, .a = a, .keys = keys, .d = d, .c = {.db = db, .a = a, .config = config, .from = from, .to = d->id}};
	enum status st = db_query(db, a, &w.old,
				  "SELECT kind, data_key_id, certificate_type, front_evidence_id, back_evidence_id, business_licence_evidence_id,"
				  " authorisation_evidence_id, authorisation_name_sealed FROM application WHERE id = $1 AND company_id = $2 AND submitted_at IS NOT NULL",
				  DB_TEXT(from), DB_TEXT(d->company_id));

	if (st == ST_OK && db_rows(w.old) == 0)
		return status_fail(ST_NOT_FOUND, "no batch of this company");
	if (st == ST_OK)
		st = datakey_load(db, a, keys, db_text(w.old, 0, "data_key_id"), &w.c.from_key);
	if (st == ST_OK)
		st = datakey_load(db, a, keys, d->data_key_id, &w.c.to_key);
	if (st == ST_OK)
		st = take(&w, letter);
	if (st == ST_OK)
		st = audit_write(db, a, actor, "draft.papers_reused", d->id, arena_printf(a, "application:%s", from), "ok", NULL);
	crypt_wipe(&w.c.from_key, sizeof w.c.from_key);
	crypt_wipe(&w.c.to_key, sizeof w.c.to_key);
	return st;
}
