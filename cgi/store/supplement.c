/* Asking for papers and taking them: see supplement.h. Who may ask or give is the caller's to know. */
#include "store/supplement.h"

#include "store/cards.h"
#include "store/papers.h"

enum status supplement_load(struct db *db, struct arena *a, const char *application_id, struct supplement *out, int *count)
{
	struct db_result *r;
	enum status st = db_query(db, a, &r,
	                          "SELECT s.id, s.what, s.words, s.given_at IS NOT NULL AS given FROM supplement s WHERE s.application_id = $1"
	                          " AND (s.given_at IS NULL OR s.given_at >= coalesce((SELECT min(o.asked_at) FROM supplement o"
	                          " WHERE o.application_id = $1 AND o.given_at IS NULL), s.given_at)) ORDER BY s.asked_at DESC, s.what LIMIT $2::integer",
	                          DB_TEXT(application_id), DB_INT(SUPPLEMENTS_MAX));

	*count = 0;
	for (int i = st == ST_OK ? db_rows(r) - 1 : -1; i >= 0; i--) {
		struct supplement *s = &out[*count];

		*s = (struct supplement){
			.id = db_text(r, i, "id"),
			.words = db_text(r, i, "words"),
			.paper = paper(db_text(r, i, "what")),
			.given = db_bool(r, i, "given"),
		};
		if (s->paper) /* one that only a newer program knows */
			++*count;
	}
	return st;
}

/* Moves every card of the application that is in one state to another, and says so. */
static enum status move_cards(struct db *db, struct arena *a, const struct keys *keys, const struct actor *actor, const char *application_id,
                              enum card_state from, enum card_state to)
{
	const struct cards_change change = {.application_id = application_id, .from = {from}, .to = to};
	int moved;
	enum status st = cards_transition(db, a, actor, &change, &moved);

	return st == ST_OK && moved > 0 ? cards_tell(db, a, keys, application_id, to) : st;
}

static enum status room_for(struct db *db, struct arena *a, const char *application_id, const struct paper *what)
{
	struct db_result *r;
	enum status st = db_query(db, a, &r, "SELECT count(*) AS count FROM application_paper WHERE application_id = $1", DB_TEXT(application_id));

	if (st == ST_OK && text_equal(what->name, "attachment") && db_int(r, 0, "count") >= ATTACHMENTS_MAX)
		return status_fail(ST_LIMIT, "there are %d attachments", ATTACHMENTS_MAX);
	return st;
}

enum status supplement_ask(struct db *db, struct arena *a, const struct config *config, const struct keys *keys, const struct actor *actor,
                           const char *application_id, const struct paper *what, const char *words)
{
	(void)config;
	const char *id = crypt_uuid(a);
	enum status st = room_for(db, a, application_id, what);

	if (st == ST_OK)
		st = db_query(db, a, NULL, "INSERT INTO supplement (id, application_id, what, words, asked_at) VALUES ($1, $2, $3, $4, clock_timestamp())",
		              DB_TEXT(id), DB_TEXT(application_id), DB_TEXT(what->name), DB_TEXT(words));
	if (st == ST_OK)
		st = audit_write(db, a, actor, "supplement.asked", application_id, arena_printf(a, "supplement:%s", id), "ok",
		                 arena_printf(a, "{\"what\":\"%s\"}", what->name));
	return st == ST_OK ? move_cards(db, a, keys, actor, application_id, CARD_REVIEW, CARD_NEEDS_MORE) : st;
}

/* The paper that the application uses from now on. */
static enum status use_evidence(struct db *db, struct arena *a, const char *application_id, const struct paper *what, const char *evidence_id)
{
	if (text_equal(what->name, "attachment"))
		return db_query(db, a, NULL, "INSERT INTO application_paper (id, application_id, evidence_id) VALUES ($1, $2, $3)", DB_TEXT(crypt_uuid(a)),
		                DB_TEXT(application_id), DB_TEXT(evidence_id));
	return db_query(db, a, NULL,
	                "UPDATE application SET front_evidence_id = CASE WHEN $2 = 'certificate_front' THEN $3::uuid ELSE front_evidence_id END,"
	                " back_evidence_id = CASE WHEN $2 = 'certificate_back' THEN $3::uuid ELSE back_evidence_id END,"
	                " licence_evidence_id = CASE WHEN $2 = 'vehicle_licence' THEN $3::uuid ELSE licence_evidence_id END,"
	                " other_evidence_id = CASE WHEN $2 = 'other_photo' THEN $3::uuid ELSE other_evidence_id END,"
	                " business_licence_evidence_id = CASE WHEN $2 = 'business_licence' THEN $3::uuid ELSE business_licence_evidence_id END,"
	                " authorisation_evidence_id = CASE WHEN $2 = 'authorisation' THEN $3::uuid ELSE authorisation_evidence_id END,"
	                " authorisation_name_sealed = CASE WHEN $2 = 'authorisation' THEN NULL ELSE authorisation_name_sealed END, version = version + 1 WHERE id = $1",
	                DB_TEXT(application_id), DB_TEXT(what->name), DB_TEXT(evidence_id));
}

enum status supplement_give(struct db *db, struct arena *a, const struct config *config, const struct keys *keys, const struct actor *actor,
                            const char *application_id, const struct supplement *s, const char *evidence_id)
{
	(void)config;
	struct db_result *r;
	enum status st = db_query(db, a, NULL, "SELECT FROM application WHERE id = $1 FOR UPDATE", DB_TEXT(application_id));

	if (st == ST_OK)
		st = db_query(db, a, &r,
		              "UPDATE supplement SET evidence_id = $3, given_at = clock_timestamp() WHERE id = $1 AND application_id = $2 AND given_at IS NULL"
		              " AND EXISTS (SELECT FROM application_card WHERE application_id = $2 AND state = 'needs_more')",
		              DB_TEXT(s->id), DB_TEXT(application_id), DB_TEXT(evidence_id));
	if (st == ST_OK && db_affected(r) != 1)
		return status_fail(ST_CONFLICT, "the paper is not asked for any more");
	if (st == ST_OK)
		st = use_evidence(db, a, application_id, s->paper, evidence_id);
	if (st == ST_OK)
		st = audit_write(db, a, actor, "supplement.given", application_id, arena_printf(a, "evidence:%s", evidence_id), "ok", NULL);
	if (st == ST_OK)
		st = db_query(db, a, &r, "SELECT FROM supplement WHERE application_id = $1 AND given_at IS NULL", DB_TEXT(application_id));
	if (st == ST_OK && db_rows(r) == 0)
		st = move_cards(db, a, keys, actor, application_id, CARD_NEEDS_MORE, CARD_REVIEW);
	return st;
}
