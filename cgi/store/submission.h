/* The submission of a draft: one transaction that decides. */
#ifndef STORE_SUBMISSION_H
#define STORE_SUBMISSION_H

#include "store/draft.h"

/* The holder's cards at the carriers of the chosen cards, open applications counted; with lock: nobody else counts for this person
 * until the transaction ends. Gives the carrier's worst case: cards held and wanted. */
enum status submission_count_cards(struct db *db, struct arena *a, const struct draft *d, struct bytes number_hash, bool lock, int *held, int *wanted) MUST_CHECK;

/* Whether a chosen card is registered to somebody else than the person with this hash. */
enum status submission_other_holder(struct db *db, struct arena *a, const struct draft *d, struct bytes number_hash, bool *other) MUST_CHECK;

/* Whether the current registrations of the car's cards are the draft's own person's: by the certificate that was given, or by the phone
 * that was proved. False when there is none. */
enum status submission_own(struct db *db, struct arena *a, const struct draft *d, bool *own) MUST_CHECK;

/* Inside the transaction begun by draft_lock: holds the cards of the draft where they are until its end; load the draft again afterwards.
 * *left: how many of those chosen have come into another car since. */
enum status submission_hold_cards(struct db *db, struct arena *a, const struct draft *d, int *left) MUST_CHECK;

/* Inside the transaction begun by draft_lock: marks the draft as submitted, moves its cards to submitted and then to pushing (with their
 * T1 messages) or, when reasons is not 0, to review. ST_CONFLICT with db_constraint "application_card_open": a card is open elsewhere;
 * without it: a card was registered, or cancelled, meanwhile. */
enum status submission_decide(struct db *db, struct arena *a, const struct config *config, const struct keys *keys, const struct actor *actor,
                              const struct draft *d, unsigned reasons) MUST_CHECK;

/* What the automaker knows of the car's owner; NULLs when nothing. */
enum status submission_known_owner(struct db *db, struct arena *a, const struct keys *keys, const char *vehicle_id, char **name, char **number) MUST_CHECK;

#endif
