/* The way of a draft without face verification: photographs and a note instead, for people who decide. Knows no pages. */
#include "store/datakey.h"
#include "store/draft.h"

static enum status changed(struct db *db, struct arena *a, const struct actor *actor, const struct draft *d, const char *action)
{
	return audit_write(db, a, actor, action, d->id, arena_printf(a, "application:%s", d->id), "ok", NULL);
}

enum status draft_set_way(struct db *db, struct arena *a, const struct actor *actor, const struct draft *d, bool manual)
{
	enum status st = db_query(db, a, NULL, "UPDATE application SET identity_way = $2, version = version + 1 WHERE id = $1", DB_TEXT(d->id),
	                          DB_TEXT(manual ? "manual" : "face"));

	if (st == ST_OK && manual)
		st = db_query(db, a, NULL,
		              "UPDATE application SET face_consent_at = NULL, liveness_passed_at = NULL, clip_evidence_id = NULL, portrait_evidence_id = NULL"
		              " WHERE id = $1",
		              DB_TEXT(d->id));
	return st == ST_OK ? changed(db, a, actor, d, manual ? "draft.way_manual" : "draft.way_face") : st;
}

enum status draft_set_paper(struct db *db, struct arena *a, const struct actor *actor, const struct draft *d, const char *side, const char *evidence_id)
{
	bool licence = text_equal(side, "licence");
	enum status st;

	if (licence)
		st = db_query(db, a, NULL, "UPDATE application SET licence_evidence_id = $2, papers_given_at = NULL, version = version + 1 WHERE id = $1",
		              DB_TEXT(d->id), DB_TEXT(evidence_id));
	else
		st = db_query(db, a, NULL, "UPDATE application SET other_evidence_id = $2, papers_given_at = NULL, version = version + 1 WHERE id = $1",
		              DB_TEXT(d->id), DB_TEXT(evidence_id));
	if (st != ST_OK)
		return st;
	return audit_write(db, a, actor, licence ? "draft.licence_given" : "draft.other_photo_given", d->id, arena_printf(a, "evidence:%s", evidence_id), "ok",
	                   NULL);
}

enum status draft_give_papers(struct db *db, struct arena *a, const struct keys *keys, const struct actor *actor, const struct draft *d, const char *note)
{
	struct crypt_key key;
	enum status st = datakey_load(db, a, keys, d->data_key_id, &key);

	if (st == ST_OK)
		st = db_query(db, a, NULL, "UPDATE application SET papers_note_sealed = $2, papers_given_at = now(), version = version + 1 WHERE id = $1",
		              DB_TEXT(d->id), DB_BYTES(sealed_text(a, &key, "application", "papers_note", d->id, text_empty(note) ? NULL : note)));
	crypt_wipe(&key, sizeof key);
	return st == ST_OK ? changed(db, a, actor, d, "draft.papers_given") : st;
}
