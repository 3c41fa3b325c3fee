/* What a new draft takes over from a refused application: see takeover.h. It knows rows and files, not pages. */
#include "store/takeover.h"

#include "store/copying.h"
#include "store/datakey.h"
#include "store/draft.h"

struct work {
	struct db *db;
	struct arena *a;
	const struct keys *keys;
	const struct takeover *t;
	struct copying c;
	bool readable; /* the old key is there */
	struct db_result *old;
	bool pictures; /* the certificate's were taken over */
};

/* The consents to texts that are still the newest of their kind: c, with their text t. */
#define CURRENT_CONSENTS \
	" FROM consent c JOIN agreement_shown t ON t.id = c.agreement_text_id WHERE c.application_id = $1::uuid AND c.withdrawn_at IS NULL"

enum status takeover_possible(struct db *db, struct arena *a, const char *from, bool *possible)
{
	struct db_result *r;
	enum status st = db_query(db, a, &r, "SELECT count(*) AS privacy" CURRENT_CONSENTS " AND t.kind = 'privacy_notice'", DB_TEXT(from));

	*possible = st == ST_OK && db_int(r, 0, "privacy") > 0;
	return st;
}

static enum status take_consents(struct work *w)
{
	enum status st = db_query(w->db, w->a, NULL,
	                          "INSERT INTO consent (id, application_id, agreement_text_id, sha256, address, browser, statement, given_at)"
	                          " SELECT gen_random_uuid(), $2::uuid, x.agreement_text_id, x.sha256, x.address, x.browser, x.statement, x.given_at"
	                          " FROM (SELECT DISTINCT ON (c.agreement_text_id) c.*" CURRENT_CONSENTS
	                          " ORDER BY c.agreement_text_id, c.given_at DESC) x",
	                          DB_TEXT(w->t->from), DB_TEXT(w->t->to));

	if (st != ST_OK)
		return st;
	return db_query(w->db, w->a, NULL,
	                "UPDATE application n SET"
	                " agreed_at = CASE WHEN (SELECT count(DISTINCT t.kind) FROM consent c JOIN agreement_text t ON t.id = c.agreement_text_id"
	                " WHERE c.application_id = n.id AND t.kind = ANY ($3::text[])) = cardinality($3::text[]) THEN o.agreed_at END,"
	                " face_consent_at = CASE WHEN EXISTS (SELECT FROM consent c JOIN agreement_text t ON t.id = c.agreement_text_id"
	                " WHERE c.application_id = n.id AND t.kind = 'face') THEN o.face_consent_at END"
	                " FROM application o WHERE o.id = $1 AND n.id = $2",
	                DB_TEXT(w->t->from), DB_TEXT(w->t->to), DB_TEXT(w->t->agreements));
}

/* The car while its proof is recent, with the time of that proof; of its cards those that were refused and are still in it. */
static enum status take_car(struct work *w)
{
	struct db_result *r;
	enum status st = db_query(w->db, w->a, &r,
	                          "UPDATE application n SET vehicle_id = o.vehicle_id, vehicle_proved_at = o.vehicle_proved_at FROM application o"
	                          " WHERE o.id = $1 AND n.id = $2 AND o.vehicle_id IS NOT NULL AND o.vehicle_proved_at > now() - make_interval(hours => $3::integer)",
	                          DB_TEXT(w->t->from), DB_TEXT(w->t->to), DB_INT(TAKEOVER_HOURS));

	if (st != ST_OK || db_affected(r) == 0)
		return st;
	st = db_query(w->db, w->a, &r,
	              "INSERT INTO application_card (id, application_id, card_id) SELECT gen_random_uuid(), n.id, ac.card_id FROM application n"
	              " JOIN application_card ac ON ac.application_id = $1 AND ac.state = 'refused'"
	              " JOIN card_binding b ON b.card_id = ac.card_id AND b.vehicle_id = n.vehicle_id AND b.bound_until IS NULL WHERE n.id = $2",
	              DB_TEXT(w->t->from), DB_TEXT(w->t->to));
	if (st != ST_OK || db_affected(r) == 0)
		return st;
	return db_query(w->db, w->a, NULL, "UPDATE application SET cards_chosen_at = now() WHERE id = $1", DB_TEXT(w->t->to));
}

/* Both sides, or nothing: a certificate with one side is asked for whole. */
static enum status take_pictures(struct work *w)
{
	const char *old_front = db_text(w->old, 0, "front_evidence_id"), *old_back = db_text(w->old, 0, "back_evidence_id");
	char *front, *back = NULL;
	enum status st = copying_evidence(&w->c, old_front, &front);

	if (st == ST_OK && front)
		st = copying_evidence(&w->c, old_back, &back);
	if (st != ST_OK || !front || (old_back && !back))
		return st;
	st = copying_reading(&w->c, old_front, front);
	if (st == ST_OK && back)
		st = copying_reading(&w->c, old_back, back);
	if (st == ST_OK)
		st = db_query(w->db, w->a, NULL,
		              "UPDATE application n SET front_evidence_id = $3, back_evidence_id = $4, front_ready_at = o.front_ready_at, back_ready_at = o.back_ready_at"
		              " FROM application o WHERE o.id = $1 AND n.id = $2",
		              DB_TEXT(w->t->from), DB_TEXT(w->t->to), DB_TEXT(front), DB_TEXT(back));
	w->pictures = st == ST_OK;
	return st;
}

/* The holder as confirmed, sealed under the new key. */
static enum status take_holder(struct work *w, bool *taken)
{
	const struct draft old = {.id = w->t->from, .data_key_id = w->c.from_key.id};
	struct holder h;
	char *id = crypt_uuid(w->a);
	enum status st = holder_load(w->db, w->a, w->keys, &old, &h);

	*taken = false;
	if (st != ST_OK || !h.exists)
		return st;
	st = db_query(w->db, w->a, NULL,
	              "INSERT INTO application_party (id, application_id, role, certificate_type, name_sealed, number_sealed, number_hash, number_hash_key,"
	              " address_sealed, valid_from, valid_until, long_term, edited)"
	              " SELECT $1, $2, role, certificate_type, $3, $4, number_hash, number_hash_key, $5, valid_from, valid_until, long_term, edited"
	              " FROM application_party WHERE id = $6",
	              DB_TEXT(id), DB_TEXT(w->t->to), DB_BYTES(sealed_text(w->a, &w->c.to_key, "application_party", "name", id, h.name)),
	              DB_BYTES(sealed_text(w->a, &w->c.to_key, "application_party", "number", id, h.number)),
	              DB_BYTES(sealed_text(w->a, &w->c.to_key, "application_party", "address", id, h.address)), DB_TEXT(h.id));
	if (st == ST_OK && w->pictures) /* it is of these pictures; doubted, it is shown again to be corrected */
		st = db_query(w->db, w->a, NULL,
		              "UPDATE application n SET identity_kept_at = now(),"
		              " certificate_confirmed_at = CASE WHEN $3::boolean THEN o.certificate_confirmed_at END FROM application o WHERE o.id = $1 AND n.id = $2",
		              DB_TEXT(w->t->from), DB_TEXT(w->t->to), DB_BOOL(w->t->part == REDO_CHECK));
	*taken = st == ST_OK;
	return st;
}

/* The verified face while it is recent: time and portrait, and the row that tells of the check. The clip stays behind: it has
 * done its work and ends after its day. */
static enum status take_liveness(struct work *w)
{
	struct db_result *consent;
	char *portrait;
	enum status st = db_query(w->db, w->a, &consent, "SELECT FROM application WHERE id = $1 AND face_consent_at IS NOT NULL", DB_TEXT(w->t->to));

	/* Without a consent that holds no portrait is copied. */
	if (st != ST_OK || db_rows(consent) == 0 || !db_bool(w->old, 0, "face_recent"))
		return st;
	st = copying_evidence(&w->c, db_text(w->old, 0, "portrait_evidence_id"), &portrait);
	if (st != ST_OK || !portrait)
		return st;
	st = db_query(w->db, w->a, NULL,
	              "UPDATE application n SET liveness_passed_at = o.liveness_passed_at, portrait_evidence_id = $3 FROM application o"
	              " WHERE o.id = $1 AND n.id = $2",
	              DB_TEXT(w->t->from), DB_TEXT(w->t->to), DB_TEXT(portrait));
	if (st != ST_OK)
		return st;
	return db_query(w->db, w->a, NULL,
	                "INSERT INTO verification (id, application_id, kind, state, provider, request_id, raw_code, score, created_at, answered_at)"
	                " SELECT gen_random_uuid(), $2, kind, state, provider, request_id, raw_code, score, created_at, answered_at FROM verification"
	                " WHERE application_id = $1 AND kind = 'liveness' AND state = 'passed' ORDER BY created_at DESC LIMIT 1",
	                DB_TEXT(w->t->from), DB_TEXT(w->t->to));
}

/* Where people look at photographs instead of a face: those, and the words to them. */
static enum status take_papers(struct work *w)
{
	char *licence, *other, *note;
	enum status st;

	if (!text_equal(db_text(w->old, 0, "identity_way"), "manual"))
		return ST_OK;
	st = copying_evidence(&w->c, db_text(w->old, 0, "licence_evidence_id"), &licence);
	if (st == ST_OK)
		st = copying_evidence(&w->c, db_text(w->old, 0, "other_evidence_id"), &other);
	if (st == ST_OK)
		st = opened_text(w->a, &w->c.from_key, "application", "papers_note", w->t->from, db_bytes(w->old, 0, "papers_note_sealed"), &note);
	if (st != ST_OK)
		return st;
	return db_query(w->db, w->a, NULL,
	                "UPDATE application n SET identity_way = o.identity_way, licence_evidence_id = $3, other_evidence_id = $4, papers_note_sealed = $5,"
	                " papers_given_at = CASE WHEN $3::uuid IS NOT NULL THEN o.papers_given_at END FROM application o WHERE o.id = $1 AND n.id = $2",
	                DB_TEXT(w->t->from), DB_TEXT(w->t->to), DB_TEXT(licence), DB_TEXT(other),
	                DB_BYTES(sealed_text(w->a, &w->c.to_key, "application", "papers_note", w->t->to, note)));
}

static enum status load_old(struct work *w)
{
	enum status st = db_query(w->db, w->a, &w->old,
	                          "SELECT o.data_key_id, o.certificate_type, o.front_evidence_id, o.back_evidence_id, o.portrait_evidence_id, o.identity_way,"
	                          " o.licence_evidence_id, o.other_evidence_id, o.papers_note_sealed,"
	                          " o.liveness_passed_at > now() - make_interval(hours => $2::integer) AS face_recent FROM application o WHERE o.id = $1",
	                          DB_TEXT(w->t->from), DB_INT(TAKEOVER_HOURS));

	if (st != ST_OK || db_rows(w->old) == 0)
		return st == ST_OK ? status_fail(ST_NOT_FOUND, "the application to be done again does not exist") : st;
	st = datakey_load(w->db, w->a, w->keys, db_text(w->old, 0, "data_key_id"), &w->c.from_key);
	w->readable = st == ST_OK;
	return st == ST_NOT_FOUND ? ST_OK : st;
}

static enum status take_certificate(struct work *w)
{
	bool holder;
	enum status st = db_query(w->db, w->a, NULL, "UPDATE application SET certificate_type = $2 WHERE id = $1", DB_TEXT(w->t->to),
	                          DB_TEXT(db_text(w->old, 0, "certificate_type")));

	if (st == ST_OK && w->t->part != REDO_PICTURES)
		st = take_pictures(w);
	if (st == ST_OK)
		st = take_holder(w, &holder);
	if (st == ST_OK && holder)
		st = take_liveness(w);
	return st == ST_OK ? take_papers(w) : st;
}

enum status takeover_run(struct db *db, struct arena *a, const struct config *config, const struct keys *keys, const struct actor *actor,
                         const struct takeover *t)
{
	struct work w = {.db = db, .a = a, .keys = keys, .t = t, .c = {.db = db, .a = a, .config = config, .from = t->from, .to = t->to}};
	struct draft draft = {.id = t->to};
	struct db_result *r;
	enum status st = load_old(&w);

	if (st == ST_OK)
		st = db_query(db, a, &r, "UPDATE application SET retry_of = $2 WHERE id = $1 RETURNING data_key_id", DB_TEXT(t->to), DB_TEXT(t->from));
	if (st == ST_OK && db_rows(r) != 1)
		st = status_fail(ST_NOT_FOUND, "the new draft does not exist");
	if (st == ST_OK) {
		draft.data_key_id = db_text(r, 0, "data_key_id");
		st = datakey_load(db, a, keys, draft.data_key_id, &w.c.to_key);
	}
	if (st == ST_OK)
		st = take_consents(&w);
	if (st == ST_OK)
		st = take_car(&w);
	if (st == ST_OK)
		st = draft_set_phone(db, a, keys, actor, &draft, t->phone);
	if (st == ST_OK)
		st = draft_prove_phone(db, a, actor, &draft);
	if (st == ST_OK && w.readable)
		st = take_certificate(&w);
	if (st == ST_OK)
		st = audit_write(db, a, actor, "draft.taken_over", t->to, arena_printf(a, "application:%s", t->from), "ok",
		                 arena_printf(a, "{\"part\":\"%s\"}", redo_name(t->part)));
	crypt_wipe(&w.c.from_key, sizeof w.c.from_key);
	crypt_wipe(&w.c.to_key, sizeof w.c.to_key);
	return st;
}

enum status takeover_company(struct db *db, struct arena *a, const struct actor *actor, const char *from, const char *to)
{
	enum status st = db_query(db, a, NULL, "UPDATE application SET retry_of = $2 WHERE id = $1", DB_TEXT(to), DB_TEXT(from));

	if (st == ST_OK)
		st = db_query(db, a, NULL,
			      "INSERT INTO consent (id, application_id, agreement_text_id, sha256, address, browser, statement, given_at)"
			      " SELECT gen_random_uuid(), $2::uuid, c.agreement_text_id, c.sha256, c.address, c.browser, c.statement, c.given_at" CURRENT_CONSENTS
			      " AND t.kind = 'privacy_notice' ORDER BY c.given_at DESC LIMIT 1",
			      DB_TEXT(from), DB_TEXT(to));
	return st == ST_OK ? audit_write(db, a, actor, "draft.taken_over", to, arena_printf(a, "application:%s", from), "ok", NULL) : st;
}
