/* Drafts: see draft.h. SQL of the application row and its answers; no rules of the business and no pages here. */
#include "store/draft.h"

#include <string.h>

#include "base/text.h"
#include "store/datakey.h"
#include "store/queue.h"

/* One round trip a page: session, application, car. The car's cards are one text, because a wide row that goes
 * through the joins of the cards costs the server twice as much: "{ICCID|ID|FLAGS,...}", one for each application that the card is
 * in, this one or an open one. The flags: r registered; c chosen here, o open elsewhere. */
#define COLUMNS                                                                                                                            \
	"SELECT a.id, a.number, a.kind, a.data_key_id, a.company_id, a.version, "                                                          \
	"extract(epoch FROM a.submitted_at)::bigint AS submitted_at, "                                                                     \
	"s.handover_id, a.vehicle_id, a.entry_link_id,"                                                                                    \
	" a.cards_chosen_at IS NOT NULL AS cards_chosen, a.phone_hash IS NOT NULL AS has_phone, a.phone_proved_at IS NOT NULL AS "         \
	"phone_proved,"                                                                                                                    \
	" a.front_ready_at IS NOT NULL AS front_ready, a.back_ready_at IS NOT NULL AS back_ready,"                                         \
	" a.certificate_confirmed_at IS NOT NULL AS certificate_confirmed, a.face_consent_at IS NOT NULL AS face_consent,"                 \
	" a.liveness_passed_at IS NOT NULL AS liveness_passed, a.agreed_at IS NOT NULL AS agreed, a.certificate_type,"                     \
	" a.front_evidence_id, a.back_evidence_id, a.clip_evidence_id, a.identity_way = 'manual' AS manual, a.licence_evidence_id, "       \
	"a.other_evidence_id,"                                                                                                             \
	" a.papers_given_at IS NOT NULL AS papers_given, a.business_licence_evidence_id, a.authorisation_evidence_id,"                     \
	" a.company_confirmed_at IS NOT NULL AS company_confirmed, a.authorisation_given_at IS NOT NULL AS letter_given,"                  \
	" a.authorisation_differs, a.attachments_given_at IS NOT NULL AS attachments_given,"                                               \
	" v.vin, v.vehicle_department, v.vehicle_model, v.body_color, v.network_date, v.owner_type,"                                       \
	" ARRAY(SELECT c.iccid || '|' || c.id::text || CASE WHEN r.id IS NULL THEN '|-' ELSE '|r' END"                                     \
	" || CASE WHEN ac.id IS NULL THEN '-' WHEN ac.application_id = a.id THEN 'c' ELSE 'o' END"                                         \
	" FROM card_binding b JOIN card c ON c.id = b.card_id"                                                                             \
	" LEFT JOIN registration r ON r.card_id = c.id AND r.ended_at IS NULL"                                                             \
	" LEFT JOIN application_card ac ON ac.card_id = c.id"                                                                              \
	" AND (ac.application_id = a.id OR ac.state IN ('submitted', 'review', 'needs_more', 'pushing'))"                                  \
	" WHERE b.vehicle_id = a.vehicle_id AND b.bound_until IS NULL) AS cards,"                                                          \
	" extract(epoch FROM " LIFETIME_DRAFT_END ")::bigint AS kept_until, floor(extract(epoch FROM " LIFETIME_DRAFT_END                  \
	" - now()))::integer AS kept_left, coalesce(" LIFETIME_DRAFT_END " >= " LIFETIME_DRAFT_LIMIT ", false) AS kept_last"                        \
	" FROM session s JOIN application a ON a.id = s.application_id LEFT JOIN vehicle v ON v.id = a.vehicle_id"

/* Of this session, neither run out nor kept too long. */
#define LIVE                                                                                                                               \
	" WHERE s.id_hash = $1 AND s.expires_at > now() AND a.expired_at IS NULL AND (a.submitted_at IS NOT NULL OR a.expires_at > now())"
/* Nothing was sent for a while. Before the phone is proved there is nothing to prove again, and little to see. */
#define PAUSED " coalesce(a.company_id IS NULL AND a.phone_proved_at IS NOT NULL AND s.pauses_at <= now(), false)"

static const char LOAD[] = COLUMNS LIVE " AND NOT" PAUSED;
static const char LOAD_PAUSED[] = COLUMNS LIVE " AND" PAUSED;

/* Puts a card where it belongs by its ICCID, or adds what is new about it; a car with more than there is room for keeps the
 * first ones. */
static void add_card(struct draft *d, const struct draft_card *card)
{
	int at = d->card_count;

	while (at > 0 && strcmp(d->cards[at - 1].iccid, card->iccid) > 0)
		at--;
	if (at > 0 && strcmp(d->cards[at - 1].id, card->id) == 0) {
		d->cards[at - 1].chosen |= card->chosen;
		d->cards[at - 1].open |= card->open;
		return;
	}
	if (at == DRAFT_CARDS_MAX)
		return;
	if (d->card_count < DRAFT_CARDS_MAX)
		d->card_count++;
	memmove(&d->cards[at + 1], &d->cards[at], (size_t)(d->card_count - 1 - at) * sizeof *d->cards);
	d->cards[at] = *card;
}

/* The text of the query, taken apart in a copy; nothing in it is of a kind that the server would quote. */
static enum status read_cards(struct arena *a, struct draft *d, const char *text)
{
	char *rest = arena_strdup(a, text + strspn(text, "{")), *one;

	rest[strcspn(rest, "}")] = 0;
	while ((one = strsep(&rest, ",")) != NULL && *one) {
		const char *iccid = strsep(&one, "|"), *id = strsep(&one, "|");

		if (!one || strlen(one) != 2)
			return status_fail(ST_ERROR, "the cards of a car cannot be read");
		add_card(d, &(struct draft_card){.id = id, .iccid = iccid, .registered = one[0] == 'r', .chosen = one[1] == 'c', .open = one[1] == 'o'});
	}
	return ST_OK;
}

/* What only companies have: apart, since it would be prepared for every page of every person. A company's draft is open while its admin is
 * signed in for it, or to the phone that took it over. */
static enum status load_company(struct db *db, struct arena *a, struct bytes session, struct draft *out)
{
	struct db_result *r;
	enum status st = db_query(db, a, &r,
				  "SELECT (SELECT count(*) FROM batch_vehicle WHERE application_id = $1) AS cars,"
				  " (SELECT count(*) FROM application_paper WHERE application_id = $1) AS attachments FROM session s WHERE s.id_hash = $3"
				  " AND (s.handover_id IS NOT NULL OR (s.signed_in_until > now()"
				  " AND EXISTS (SELECT FROM company_member m JOIN company k ON k.id = m.company_id AND k.closed_at IS NULL"
				  " WHERE m.id = s.company_member_id AND m.company_id = $2 AND m.state = 'active' AND m.phone_hash = s.phone_hash)))",
				  DB_TEXT(out->id), DB_TEXT(out->company_id), DB_BYTES(session));

	if (st != ST_OK || db_rows(r) == 0) {
		*out = (struct draft){0};
		return st;
	}
	out->batch_cars = (int)db_int(r, 0, "cars");
	out->attachments = (int)db_int(r, 0, "attachments");
	return ST_OK;
}

/* Tells this draft from another one, and nothing else: as the server does for the other roles. */
static const char *whose(struct arena *a, const char *id)
{
	unsigned char hash[CRYPT_HASH_SIZE];

	crypt_sha256(hash, id, strlen(id));
	return hex_encode(a, hash, 8);
}

static enum status load(struct db *db, struct arena *a, const char *sql, struct bytes session, struct draft *out)
{
	struct db_result *r;
	enum status st;

	*out = (struct draft){0};
	if (!session.data)
		return ST_OK;
	st = db_query(db, a, &r, sql, DB_BYTES(session));
	if (st != ST_OK || db_rows(r) == 0)
		return st;
	out->exists = true;
	out->id = db_text(r, 0, "id");
	out->number = db_text(r, 0, "number");
	out->kind = db_text(r, 0, "kind");
	out->data_key_id = db_text(r, 0, "data_key_id");
	out->company_id = db_text(r, 0, "company_id");
	out->version = (int)db_int(r, 0, "version");
	out->submitted_at = db_int(r, 0, "submitted_at");
	out->handover_id = db_text(r, 0, "handover_id");
	out->vehicle_id = db_text(r, 0, "vehicle_id");
	out->entry_link_id = db_text(r, 0, "entry_link_id");
	out->cards_chosen = db_bool(r, 0, "cards_chosen");
	out->has_phone = db_bool(r, 0, "has_phone");
	out->phone_proved = db_bool(r, 0, "phone_proved");
	out->front_ready = db_bool(r, 0, "front_ready");
	out->back_ready = db_bool(r, 0, "back_ready");
	out->certificate_confirmed = db_bool(r, 0, "certificate_confirmed");
	out->face_consent = db_bool(r, 0, "face_consent");
	out->liveness_passed = db_bool(r, 0, "liveness_passed");
	out->agreed = db_bool(r, 0, "agreed");
	out->certificate_type = db_text(r, 0, "certificate_type");
	out->front_evidence_id = db_text(r, 0, "front_evidence_id");
	out->back_evidence_id = db_text(r, 0, "back_evidence_id");
	out->clip_evidence_id = db_text(r, 0, "clip_evidence_id");
	out->manual = db_bool(r, 0, "manual");
	out->papers_given = db_bool(r, 0, "papers_given");
	out->licence_evidence_id = db_text(r, 0, "licence_evidence_id");
	out->other_evidence_id = db_text(r, 0, "other_evidence_id");
	out->business_evidence_id = db_text(r, 0, "business_licence_evidence_id");
	out->letter_evidence_id = db_text(r, 0, "authorisation_evidence_id");
	out->company_confirmed = db_bool(r, 0, "company_confirmed");
	out->letter_given = db_bool(r, 0, "letter_given");
	out->letter_differs = db_bool(r, 0, "authorisation_differs");
	out->attachments_given = db_bool(r, 0, "attachments_given");
	out->vin = db_text(r, 0, "vin");
	out->brand = db_text(r, 0, "vehicle_department");
	out->model = db_text(r, 0, "vehicle_model");
	out->color = db_text(r, 0, "body_color");
	out->network_date = db_text(r, 0, "network_date");
	out->owner_type = db_text(r, 0, "owner_type");
	if (!out->handover_id && !out->company_id && !out->submitted_at && db_int(r, 0, "kept_left") > 0)
		out->kept = (struct lifetime){.left = (int)db_int(r, 0, "kept_left"),
					      .last = db_bool(r, 0, "kept_last"),
					      .until = db_int(r, 0, "kept_until"),
					      .whose = whose(a, out->id)};
	st = read_cards(a, out, db_text(r, 0, "cards"));
	return st == ST_OK && out->company_id ? load_company(db, a, session, out) : st;
}

enum status draft_load(struct db *db, struct arena *a, struct bytes session, struct draft *out)
{
	return load(db, a, LOAD, session, out);
}

enum status draft_load_paused(struct db *db, struct arena *a, struct bytes session, struct draft *out)
{
	return load(db, a, LOAD_PAUSED, session, out);
}

enum status draft_lock(struct db *db, struct arena *a, const struct draft *d)
{
	struct db_result *r;
	enum status st = db_begin(db);

	if (st == ST_OK)
		st = db_query(db, a, &r,
		              "SELECT id FROM application WHERE id = $1 AND submitted_at IS NULL AND expired_at IS NULL AND expires_at > now() FOR UPDATE",
		              DB_TEXT(d->id));
	if (st == ST_OK && db_rows(r) != 1)
		st = status_fail(ST_CONFLICT, "the draft was submitted or has run out");
	if (st != ST_OK)
		db_rollback(db);
	return st;
}

static enum status changed(struct db *db, struct arena *a, const struct actor *actor, const struct draft *d, const char *action, const char *object)
{
	return audit_write(db, a, actor, action, d->id, object ? object : arena_printf(a, "application:%s", d->id), "ok", NULL);
}

enum status draft_set_vehicle(struct db *db, struct arena *a, const struct actor *actor, const struct draft *d, const char *vehicle_id)
{
	enum status st;

	if (!text_equal(vehicle_id, d->vehicle_id)) {
		st = db_query(db, a, NULL, "DELETE FROM application_card WHERE application_id = $1 AND state = 'draft'", DB_TEXT(d->id));
		if (st != ST_OK)
			return st;
		st = db_query(db, a, NULL, "UPDATE application SET cards_chosen_at = NULL, licence_evidence_id = NULL, papers_given_at = NULL WHERE id = $1",
		              DB_TEXT(d->id)); /* the licence is that of the car */
		if (st != ST_OK)
			return st;
	}
	st = db_query(db, a, NULL, "UPDATE application SET vehicle_id = $2, vehicle_proved_at = now(), version = version + 1 WHERE id = $1",
	              DB_TEXT(d->id), DB_TEXT(vehicle_id));
	if (st != ST_OK)
		return st;
	return changed(db, a, actor, d, "draft.vehicle_proved", arena_printf(a, "vehicle:%s", vehicle_id));
}

enum status draft_set_cards(struct db *db, struct arena *a, const struct actor *actor, const struct draft *d, const char *const *card_ids, int count)
{
	enum status st = db_query(db, a, NULL, "DELETE FROM application_card WHERE application_id = $1 AND state = 'draft'", DB_TEXT(d->id));

	for (int i = 0; st == ST_OK && i < count; i++)
		st = db_query(db, a, NULL, "INSERT INTO application_card (id, application_id, card_id) VALUES ($1, $2, $3)", DB_TEXT(crypt_uuid(a)),
		              DB_TEXT(d->id), DB_TEXT(card_ids[i]));
	if (st == ST_OK)
		st = db_query(db, a, NULL, "UPDATE application SET cards_chosen_at = now(), version = version + 1 WHERE id = $1", DB_TEXT(d->id));
	if (st == ST_OK)
		st = changed(db, a, actor, d, "draft.cards_chosen", NULL);
	return st;
}

enum status draft_set_phone(struct db *db, struct arena *a, const struct keys *keys, const struct actor *actor, const struct draft *d, const char *phone)
{
	struct crypt_key key;
	struct bytes hash = crypt_lookup(a, keys_current(&keys->lookup), "phone", phone);
	enum status st = datakey_load(db, a, keys, d->data_key_id, &key);

	/* The same number that was proved already stays proved. */
	if (st == ST_OK)
		st = db_query(db, a, NULL,
		              "UPDATE application SET phone_proved_at = CASE WHEN phone_hash = $3 THEN phone_proved_at END, phone_sealed = $2, phone_hash = $3,"
		              " phone_hash_key = $4, version = version + 1 WHERE id = $1",
		              DB_TEXT(d->id), DB_BYTES(sealed_text(a, &key, "application", "phone", d->id, phone)), DB_BYTES(hash),
		              DB_TEXT(keys_current(&keys->lookup)->id));
	if (st == ST_OK)
		st = changed(db, a, actor, d, "draft.phone_given", NULL);
	crypt_wipe(&key, sizeof key);
	return st;
}

enum status draft_prove_phone(struct db *db, struct arena *a, const struct actor *actor, const struct draft *d)
{
	enum status st = db_query(db, a, NULL, "UPDATE application SET phone_proved_at = now(), version = version + 1 WHERE id = $1", DB_TEXT(d->id));

	if (st == ST_OK)
		st = db_query(db, a, NULL,
		              "INSERT INTO verification (id, application_id, kind, state, answered_at) VALUES ($1, $2, 'sms_code', 'passed', now())",
		              DB_TEXT(crypt_uuid(a)), DB_TEXT(d->id));
	return st == ST_OK ? changed(db, a, actor, d, "draft.phone_proved", NULL) : st;
}

enum status draft_opened(struct db *db, struct arena *a, const struct keys *keys, const struct draft *d, const char *column, char **out)
{
	const char *name = arena_printf(a, "%s_sealed", column);
	struct db_result *r;
	struct crypt_key key;
	enum status st = db_query(db, a, &r, "SELECT phone_sealed, papers_note_sealed, authorisation_name_sealed FROM application WHERE id = $1", DB_TEXT(d->id));

	*out = NULL;
	if (st != ST_OK || db_rows(r) == 0 || db_is_null(r, 0, name))
		return st;
	st = datakey_load(db, a, keys, d->data_key_id, &key);
	if (st == ST_OK)
		st = opened_text(a, &key, "application", column, d->id, db_bytes(r, 0, name), out);
	crypt_wipe(&key, sizeof key);
	return st;
}

enum status draft_phone(struct db *db, struct arena *a, const struct keys *keys, const struct draft *d, char **out)
{
	*out = NULL;
	return d->has_phone ? draft_opened(db, a, keys, d, "phone", out) : ST_OK;
}

/* What a new picture or another kind of certificate makes worthless. An application that does another one again keeps the verified
 * face until the holder is confirmed: holder_save forgets it when it is another person than the one taken over. */
static enum status forget_certificate(struct db *db, struct arena *a, const struct draft *d)
{
	return db_query(db, a, NULL,
	                "UPDATE application SET certificate_confirmed_at = NULL, identity_kept_at = NULL, clip_evidence_id = NULL,"
	                " liveness_passed_at = CASE WHEN retry_of IS NULL THEN NULL ELSE liveness_passed_at END,"
	                " portrait_evidence_id = CASE WHEN retry_of IS NULL THEN NULL ELSE portrait_evidence_id END, version = version + 1 WHERE id = $1",
	                DB_TEXT(d->id));
}

enum status draft_set_certificate_type(struct db *db, struct arena *a, const struct actor *actor, const struct draft *d, const char *type)
{
	enum status st = forget_certificate(db, a, d);

	if (st == ST_OK)
		st = db_query(db, a, NULL, "UPDATE application SET certificate_type = $2, front_evidence_id = NULL, back_evidence_id = NULL,"
		              " front_ready_at = NULL, back_ready_at = NULL WHERE id = $1",
		              DB_TEXT(d->id), DB_TEXT(type));
	return st == ST_OK ? changed(db, a, actor, d, "draft.certificate_type", NULL) : st;
}

/* Makes the reading and its job, or marks the side as ready without one. */
static enum status read_picture(struct db *db, struct arena *a, const struct draft *d, const char *side, const char *evidence_id, bool read)
{
	char *id = crypt_uuid(a);
	enum status st = ST_OK;

	if (text_equal(side, "front"))
		st = db_query(db, a, NULL, "UPDATE application SET front_ready_at = CASE WHEN $2::boolean THEN NULL ELSE now() END WHERE id = $1", DB_TEXT(d->id),
		              DB_BOOL(read));
	else
		st = db_query(db, a, NULL, "UPDATE application SET back_ready_at = CASE WHEN $2::boolean THEN NULL ELSE now() END WHERE id = $1", DB_TEXT(d->id),
		              DB_BOOL(read));
	if (st != ST_OK || !read)
		return st;
	st = db_query(db, a, NULL, "INSERT INTO reading (id, application_id, evidence_id, side) VALUES ($1, $2, $3, $4)", DB_TEXT(id), DB_TEXT(d->id),
	              DB_TEXT(evidence_id), DB_TEXT(side));
	return st == ST_OK ? queue_add(db, a, "certificate_read", id, 0) : st;
}

enum status draft_set_picture(struct db *db, struct arena *a, const struct actor *actor, const struct draft *d, const char *side, const char *evidence_id, bool read)
{
	bool front = text_equal(side, "front");
	enum status st = forget_certificate(db, a, d);

	if (st == ST_OK && front)
		st = db_query(db, a, NULL, "UPDATE application SET front_evidence_id = $2 WHERE id = $1", DB_TEXT(d->id), DB_TEXT(evidence_id));
	if (st == ST_OK && !front)
		st = db_query(db, a, NULL, "UPDATE application SET back_evidence_id = $2 WHERE id = $1", DB_TEXT(d->id), DB_TEXT(evidence_id));
	if (st == ST_OK)
		st = read_picture(db, a, d, side, evidence_id, read);
	return st == ST_OK ? changed(db, a, actor, d, front ? "draft.front_given" : "draft.back_given", arena_printf(a, "evidence:%s", evidence_id)) : st;
}

enum status draft_read_again(struct db *db, struct arena *a, const struct actor *actor, const struct draft *d, const char *side, bool read)
{
	bool front = text_equal(side, "front");
	const char *evidence = front ? d->front_evidence_id : d->back_evidence_id;
	enum status st = evidence ? read_picture(db, a, d, side, evidence, read) : status_fail(ST_CONFLICT, "there is no picture to read");

	return st == ST_OK ? changed(db, a, actor, d, read ? "draft.read_again" : "draft.typed_by_hand", arena_printf(a, "evidence:%s", evidence)) : st;
}

enum status draft_consent_face(struct db *db, struct arena *a, const struct actor *actor, const struct draft *d)
{
	enum status st = db_query(db, a, NULL, "UPDATE application SET face_consent_at = now(), version = version + 1 WHERE id = $1", DB_TEXT(d->id));

	return st == ST_OK ? changed(db, a, actor, d, "draft.face_consent", NULL) : st;
}

enum status draft_set_clip(struct db *db, struct arena *a, const struct actor *actor, const struct draft *d, const char *evidence_id, const char *live_code_id)
{
	struct db_result *r;
	char *id = crypt_uuid(a);
	enum status st = db_query(db, a, &r,
	                          "UPDATE live_code SET state = 'used', used_at = now() WHERE id = $1 AND application_id = $2 AND " LIVE_CODE_USABLE
	                          " RETURNING id",
	                          DB_TEXT(live_code_id), DB_TEXT(d->id));

	if (st == ST_OK && db_rows(r) != 1)
		return status_fail(ST_CONFLICT, "the digits were used or have run out");
	if (st == ST_OK)
		st = db_query(db, a, NULL,
		              "UPDATE application SET clip_evidence_id = $2, liveness_passed_at = NULL, portrait_evidence_id = NULL, version = version + 1"
		              " WHERE id = $1",
		              DB_TEXT(d->id), DB_TEXT(evidence_id));
	if (st == ST_OK)
		st = db_query(db, a, NULL,
		              "INSERT INTO verification (id, application_id, kind, state, evidence_id, live_code_id) VALUES ($1, $2, 'liveness', 'waiting', $3, $4)",
		              DB_TEXT(id), DB_TEXT(d->id), DB_TEXT(evidence_id), DB_TEXT(live_code_id));
	if (st == ST_OK)
		st = queue_add(db, a, "liveness_verify", id, 0);
	return st == ST_OK ? changed(db, a, actor, d, "draft.clip_given", arena_printf(a, "verification:%s", id)) : st;
}

enum status draft_agree(struct db *db, struct arena *a, const struct actor *actor, const struct draft *d)
{
	enum status st = db_query(db, a, NULL, "UPDATE application SET agreed_at = now(), version = version + 1 WHERE id = $1", DB_TEXT(d->id));

	return st == ST_OK ? changed(db, a, actor, d, "draft.agreed", NULL) : st;
}
