/* Drafts: the application row of a session with its answers, read in one round trip (of a company two), and the changes of its answers. Every change
 * locks the row, forgets what depended on the changed answer, raises its version and writes an audit row. */
#ifndef STORE_DRAFT_H
#define STORE_DRAFT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/config.h"
#include "db/db.h"
#include "store/audit.h"
#include "store/company.h"
#include "store/lifetime.h"

#define DRAFT_CARDS_MAX 16

struct draft_card {
	const char *id, *iccid;
	bool chosen;     /* in this application */
	bool registered; /* somebody's current registration */
	bool open;       /* in another application that is open */
};

/* Borrowed from the arena. Only what a page needs: every column costs time on every page. */
struct draft {
	bool exists;
	const char *id, *number, *kind, *data_key_id;
	const char *company_id; /* of a company: a batch of cars (batch_cars), whose person is the responsible person; NULL: of a person */
	int batch_cars;         /* in the basket */
	int version;
	int64_t submitted_at; /* UTC seconds, 0 when not (yet) */
	const char *handover_id; /* this session took the draft over (store/handover.h): it may do the steps of flow/handover.h only; NULL: all */
	struct lifetime kept; /* of a person's draft in a browser of its own: until when it is open there (LIFETIME_DRAFT) */
	/* answers */
	const char *vehicle_id, *entry_link_id; /* entry_link_id: of the link that it came by (store/entry.h) */
	bool cards_chosen, has_phone, phone_proved, front_ready, back_ready, certificate_confirmed, face_consent, liveness_passed, agreed;
	const char *certificate_type, *front_evidence_id, *back_evidence_id, *clip_evidence_id;
	bool manual, papers_given; /* manual: people look at photographs instead of a face verification */
	const char *licence_evidence_id, *other_evidence_id;
	/* papers of a company (store/papers.h) */
	const char *business_evidence_id, *letter_evidence_id;
	bool company_confirmed, letter_given, letter_differs, attachments_given; /* letter_differs: names another than the responsible person */
	int attachments;
	/* the car, when vehicle_id is set */
	const char *vin, *brand, *model, *color, *network_date, *owner_type;
	struct draft_card cards[DRAFT_CARDS_MAX]; /* by ICCID */
	int card_count;
};

/* The draft (or the application just submitted) of the session; out->exists is false when there is none, it has run out or is paused. */
enum status draft_load(struct db *db, struct arena *a, struct bytes session, struct draft *out) MUST_CHECK;
/* The same when it is paused: whoever shows the way back may know that it is there, and nothing of it (store/lifetime.h). */
enum status draft_load_paused(struct db *db, struct arena *a, struct bytes session, struct draft *out) MUST_CHECK;

/* A new draft of the flow (kind, holder, channel online, acting self), and the session row under this hash that points to it. In the
 * caller's transaction. */
enum status draft_create(struct db *db, struct arena *a, const struct config *config, const struct keys *keys, const struct actor *actor, struct bytes old_session,
                         struct bytes session, const char *kind, char **id) MUST_CHECK;
/* The same of a company (holder organisation, acting the responsible person): the row of the session that is signed in for it moves to
 * the new hash and points to the draft, whose phone is the one that is signed in. */
enum status draft_create_company(struct db *db, struct arena *a, const struct config *config, const struct keys *keys, const struct actor *actor,
                                 struct bytes old_session, struct bytes session, const char *kind, const struct company *company, char **id) MUST_CHECK;
/* The same for somebody who opens a company: its phone, in clear, is the one that is signed in; there is no company yet. */
enum status draft_create_opening(struct db *db, struct arena *a, const struct config *config, const struct keys *keys, const struct actor *actor,
                                 struct bytes old_session, struct bytes session, const char *kind, const char *phone, char **id) MUST_CHECK;

/* Begins the transaction of a change: locks the row. ST_CONFLICT when it was submitted or ran out meanwhile. */
enum status draft_lock(struct db *db, struct arena *a, const struct draft *d) MUST_CHECK;

/* The changes; each inside the transaction begun by draft_lock. */
enum status draft_set_vehicle(struct db *db, struct arena *a, const struct actor *actor, const struct draft *d, const char *vehicle_id) MUST_CHECK;
enum status draft_set_cards(struct db *db, struct arena *a, const struct actor *actor, const struct draft *d, const char *const *card_ids, int count) MUST_CHECK;
enum status draft_set_phone(struct db *db, struct arena *a, const struct keys *keys, const struct actor *actor, const struct draft *d, const char *phone) MUST_CHECK;
enum status draft_prove_phone(struct db *db, struct arena *a, const struct actor *actor, const struct draft *d) MUST_CHECK;
enum status draft_set_certificate_type(struct db *db, struct arena *a, const struct actor *actor, const struct draft *d, const char *type) MUST_CHECK;
/* side: "front" or "back". With read: makes the reading row and its job, which marks the side as ready; without: it is ready now. */
enum status draft_set_picture(struct db *db, struct arena *a, const struct actor *actor, const struct draft *d, const char *side, const char *evidence_id,
                              bool read) MUST_CHECK;
/* One more reading of the picture that is there (read), or none: the person types it in. */
enum status draft_read_again(struct db *db, struct arena *a, const struct actor *actor, const struct draft *d, const char *side, bool read) MUST_CHECK;
enum status draft_consent_face(struct db *db, struct arena *a, const struct actor *actor, const struct draft *d) MUST_CHECK;
/* Of live_code: digits that can still be used. On a weak network a clip may arrive in pieces for longer than they live; they were in time
 * when the first piece was announced in time. */
#define LIVE_CODE_USABLE                                                                                                       \
	"live_code.state = 'ready' AND (live_code.expires_at > now() OR (live_code.expires_at > now() - interval '10 minutes'" \
	" AND EXISTS (SELECT FROM upload WHERE upload.application_id = live_code.application_id AND upload.kind = 'clip'"      \
	" AND upload.state = 'open' AND upload.created_at < live_code.expires_at)))"
/* The clip, its verification row (waiting) and job; marks the digits as used. ST_CONFLICT when the digits were used or ran out. */
enum status draft_set_clip(struct db *db, struct arena *a, const struct actor *actor, const struct draft *d, const char *evidence_id, const char *live_code_id) MUST_CHECK;
enum status draft_agree(struct db *db, struct arena *a, const struct actor *actor, const struct draft *d) MUST_CHECK;
/* Photographs for people (manual), or the face verification (again). Manual forgets what was done of the verification, its consent too. */
enum status draft_set_way(struct db *db, struct arena *a, const struct actor *actor, const struct draft *d, bool manual) MUST_CHECK;
/* side: "licence" or "other". Another licence has to be confirmed by draft_give_papers. */
enum status draft_set_paper(struct db *db, struct arena *a, const struct actor *actor, const struct draft *d, const char *side, const char *evidence_id) MUST_CHECK;
/* All photographs are there; note: a few words to the people who look at them, "" for none. */
enum status draft_give_papers(struct db *db, struct arena *a, const struct keys *keys, const struct actor *actor, const struct draft *d, const char *note) MUST_CHECK;

/* What is sealed in this column of the draft ("phone", "papers_note", "authorisation_name"), in clear; NULL when there is nothing. */
enum status draft_opened(struct db *db, struct arena *a, const struct keys *keys, const struct draft *d, const char *column, char **out) MUST_CHECK;
/* The phone of the draft in clear, NULL when there is none. */
enum status draft_phone(struct db *db, struct arena *a, const struct keys *keys, const struct draft *d, char **out) MUST_CHECK;

/* The role of the person whose certificate and face the draft is about: of a company the responsible person. */
const char *holder_role(const struct draft *d);

/* That person as confirmed. */
struct holder {
	bool exists;
	bool kept; /* typed for the pictures that are there now, confirmed or not */
	const char *id;
	const char *certificate_type;
	char *name, *number, *address;
	char *telephone; /* of a responsible person, else NULL */
	const char *valid_from, *valid_until; /* ISO dates, NULL when not known */
	bool long_term;
	struct bytes number_hash;
	const char *edited; /* PostgreSQL array text of edited fields */
};
enum status holder_load(struct db *db, struct arena *a, const struct keys *keys, const struct draft *d, struct holder *out) MUST_CHECK;
/* Writes the holder and marks the certificate as confirmed, or only keeps what was typed (a refusal that the person can mend); forgets
 * the proofs of the one before when it is another person. */
enum status holder_save(struct db *db, struct arena *a, const struct keys *keys, const struct actor *actor, const struct draft *d, const struct holder *h,
                        bool confirmed) MUST_CHECK;
/* The person of an application is another one: what the one before consented and agreed to, and his verified face, do not count for him;
 * shown: nor does the picture of the one before with his certificate (a company's; a person's papers are the car's). */
enum status holder_forget_proofs(struct db *db, struct arena *a, const char *application_id, bool shown) MUST_CHECK;
/* The keyed hash by which a person's cards are counted. */
struct bytes holder_number_hash(struct arena *a, const struct keys *keys, const char *certificate_type, const char *number);

/* One reading of a picture: the newest of the evidence. */
struct reading {
	bool exists;
	const char *id, *state, *cause;
	/* state done: the fields, NULL when empty */
	char *name, *sex, *nation, *birth, *address, *number, *authority, *validity;
};
enum status reading_load(struct db *db, struct arena *a, const struct keys *keys, const struct draft *d, const char *evidence_id, struct reading *out) MUST_CHECK;

#endif
