/* Applications that no person at a browser made: staff did, from what is registered. States, messages, order and retention are those of
 * every other application. All in the caller's transaction. */
#ifndef STORE_BY_STAFF_H
#define STORE_BY_STAFF_H

#include "base/config.h"
#include "db/db.h"
#include "store/audit.h"

struct by_staff {
	struct db *db;
	struct arena *a;
	const struct config *config;
	const struct keys *keys;
	const struct actor *actor;
};

/* A submitted application of this kind with the parties of the application from, under a key of its own, about this car; NULL: that of from.
 * phone_of: the application whose proved phone has it in its records and is told the result; NULL: nobody's. *id is in the arena. */
enum status by_staff_application(struct by_staff *w, const char *kind, const char *from, const char *vehicle_id, const char *phone_of,
				 const char **id) MUST_CHECK;
/* Adds a card to it; cards_push sends them. ST_CONFLICT while another application has the card. */
enum status by_staff_card(struct by_staff *w, const char *application_id, const char *card_id) MUST_CHECK;
/* Cancels what is registered from this application, or from a later change of that registration: as many cards as *cards tells, by
 * applications that *numbers names. ST_CONFLICT when nothing is registered any more, or while this application or another one for one of
 * the cards is not finished. */
enum status by_staff_cancel(struct by_staff *w, const char *application_id, int *cards, char **numbers) MUST_CHECK;
/* The same with what is registered of the cards that are in this car now; only: of that alone which is from the application of this number, or
 * NULL. The holder is told where he applied himself. ST_CONFLICT when nothing is registered, while an application for one of the cards is not
 * finished, or when the cards are of several holders. */
enum status by_staff_cancel_car(struct by_staff *w, const char *vehicle_id, const char *only, int *cards, char **numbers) MUST_CHECK;

#endif
