/* Batches of a company: which cars fit, the basket of a draft, the submission of thousands of cards at once, pushing them some at a time,
 * and withdrawing. What the rules of a single card are is elsewhere (cards.h, push.h). */
#ifndef STORE_BATCH_H
#define STORE_BATCH_H

#include "store/draft.h"

#define BATCH_CARS_MAX 10000

/* What decides whether a car fits. */
struct batch_scope {
	const char *company_id;
	bool ends;            /* cancel, update: cards that are registered to the company; else cards that are not registered */
	const char *own;      /* keyed hashes of the company's number, an array of PostgreSQL */
	const char *last_day; /* cars that entered the network later are registered at a shop: ISO date */
};
enum status batch_scope_of(struct arena *a, const struct config *config, const struct keys *keys, const struct company *company, const char *kind,
			   struct batch_scope *out) MUST_CHECK;

/* Why a car does not fit: the last part of message keys "fleet.…". */
enum batch_reason {
	BATCH_FITS,
	BATCH_NOT_YOURS, /* not the company's, or there is none: the answer is the same */
	BATCH_NO_CARD,
	BATCH_BUSY,       /* a card of it is in another application */
	BATCH_REGISTERED, /* all its cards are */
	BATCH_NOT_REGISTERED,
	BATCH_OTHER_HOLDER, /* registered, but not to this company */
	BATCH_PERSON, /* its owner is a person by the operator's file: a company registers it no more */
	BATCH_NEW,
	BATCH_OTHER_CARD, /* the ICCID given is of no card in this car */
	BATCH_REASON_MAX
};
/* "busy", ...; "" for BATCH_FITS. */
const char *batch_reason_name(enum batch_reason r);
/* BATCH_FITS for NULL. */
enum batch_reason batch_reason_named(const char *name);

/* The basket. cars: an array of PostgreSQL of vehicle ids; those that do not fit stay out. ST_LIMIT, with nothing changed: there would be more
 * than BATCH_CARS_MAX. Inside the transaction begun by draft_lock; *changed: how many came or went. */
enum status batch_add(struct db *db, struct arena *a, const struct actor *actor, const struct draft *d, const struct batch_scope *s, const char *cars,
		      int *changed) MUST_CHECK;
/* cars NULL: all. */
enum status batch_remove(struct db *db, struct arena *a, const struct actor *actor, const struct draft *d, const char *cars, int *changed) MUST_CHECK;

/* What was found for cars that were typed, pasted or imported. */
struct batch_pick {
	const char *vin, *iccid; /* given: well-formed; one of them, or both. By the ICCID a car is found only when there is no VIN */
	const char *vehicle_id; /* NULL: not the company's */
	enum batch_reason reason;
	bool there; /* in the basket already */
};
enum status batch_pick(struct db *db, struct arena *a, const struct draft *d, const struct batch_scope *s, struct batch_pick *picks, int count) MUST_CHECK;
/* The ids of those that fit, as an array of PostgreSQL. */
const char *batch_picked(struct arena *a, const struct batch_pick *picks, int count);

/* How the basket stands now. */
struct batch_look {
	int cars, cards; /* that fit */
	int unfit[BATCH_REASON_MAX], unfit_cars;
};
enum status batch_look(struct db *db, struct arena *a, const struct draft *d, const struct batch_scope *s, struct batch_look *out) MUST_CHECK;

/* Inside the transaction begun by draft_lock: marks the draft as submitted; every card that fits becomes a row in state submitted with the
 * decision for pushing, or, when reasons is not 0, in review. What does not fit is left out. shown: what the person was shown; ST_CONFLICT,
 * when it is no longer so, or another batch was a moment faster with one of the cards (db_constraint "application_card_open", or it is done with it already). */
enum status batch_submit(struct db *db, struct arena *a, const struct keys *keys, const struct actor *actor, const struct draft *d,
			 const struct batch_scope *s, unsigned reasons, const struct batch_look *shown) MUST_CHECK;

/* People have approved it: decides for pushing, and the company is trusted from now on. The row of the application is locked. ST_CONFLICT
 * when it is decided already. */
enum status batch_approve(struct db *db, struct arena *a, const struct actor *actor, const char *application_id) MUST_CHECK;
/* Withdraws what is not pushed yet. In the caller's transaction; *withdrawn may be 0. */
enum status batch_withdraw(struct db *db, struct arena *a, const struct keys *keys, const struct actor *actor, const char *application_id,
			   int *withdrawn) MUST_CHECK;

/* Pushes some of the cards that wait for it, in the caller's transaction: each with the messages that are true now. One whose own data, or
 * whose car's, a message cannot be made of, or that is in another car now, is refused alone. Where it is not the card's fault (profile, connection, the company's papers),
 * all cards of that connection wait; all wait while the company is closed. The state between the calls of one job is in p, which begins as {0}. */
#define BATCH_HELD_MAX 16
struct batch_push {
	int pushed, refused;
	bool more; /* call again */
	int held;  /* connections whose cards wait for staff */
	bool unconnected, closed; /* so do those without a connection; all, since the company is closed */
	char connection[BATCH_HELD_MAX][37], why[200];
};
enum status batch_push(struct db *db, struct arena *a, const struct keys *keys, const struct actor *actor, const char *application_id,
		       struct batch_push *p) MUST_CHECK;

#endif
