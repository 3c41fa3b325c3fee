/* The state of application cards. card_transition, and cards_transition for many, make every change of state: they check that it is
 * allowed, write the audit rows and enqueue what follows (messages to the user). Always inside the caller's transaction, rows locked in the order of their ids. */
#ifndef STORE_CARDS_H
#define STORE_CARDS_H

#include "base/config.h"
#include "db/db.h"
#include "domain/transition.h"
#include "store/audit.h"

struct card_change {
	const char *application_card_id;
	enum card_state to;
	const char *refusal_key; /* for refused and needs_more: message key of what the user is told */
	const char *refusal_raw; /* what was said, for staff */
};
/* ST_CONFLICT when the state does not allow it (the caller rolls back or leaves it). To done: also begins or ends the registration, binds
 * the cards of a replacement, notes a transferred car, and, when all cards of the application have ended, enqueues the result message and
 * the note to the phone on file for the car. */
enum status card_transition(struct db *db, struct arena *a, const struct config *config, const struct keys *keys, const struct actor *actor,
                            const struct card_change *change) MUST_CHECK;

/* The same for many cards of one application by one statement (cards_many.c), where nothing follows for a single card: not to done. The
 * row of the application is locked. Nobody is told: cards_tell. */
struct cards_change {
	const char *application_id;
	const char *ids;         /* of the cards' rows, an array of PostgreSQL; NULL: all that are in one of the states */
	enum card_state from[3]; /* each must allow it; the rest CARD_DRAFT */
	enum card_state to;
	const char *refusal_key, *refusal_raw;
};
enum status cards_transition(struct db *db, struct arena *a, const struct actor *actor, const struct cards_change *change, int *moved) MUST_CHECK;
/* Tells the user what follows from cards having come to this state: the result when none is open any more, or that people look at it, once
 * a transaction. card_transition does it by itself. */
enum status cards_tell(struct db *db, struct arena *a, const struct keys *keys, const char *application_id, enum card_state to) MUST_CHECK;

/* To be asked once the cards of an application are submitted, when none of another application can begin or end a registration of them any
 * more: what was read of them before may be of the time before another application ended. ends: the application is for registered cards.
 * ST_CONFLICT when one of them is not as it should be. */
enum status cards_still_fit(struct db *db, struct arena *a, const char *application_id, bool ends) MUST_CHECK;

/* Decides for pushing: writes the messages that the carrier's profile wants for each card of the application, a job "t1_send" for each
 * (subject = t1_message id, in the order of the card), and moves the cards to pushing. In the caller's transaction. ST_INVALID, with
 * nothing written, when a field of a message is missing or malformed, or a card has come into another car: the status message names it. */
enum status cards_push(struct db *db, struct arena *a, const struct config *config, const struct keys *keys, const struct actor *actor,
                       const char *application_id) MUST_CHECK;

#endif
