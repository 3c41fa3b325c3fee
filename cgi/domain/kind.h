/* The kinds of applications: what each does to a card's registration, and what T1 is told of it (docs/t1.md). */
#ifndef DOMAIN_KIND_H
#define DOMAIN_KIND_H

#include <stdbool.h>

#include "domain/transition.h"

struct application_kind {
	const char *name;  /* in the database: "register", "cancel", "update", ... */
	bool begins, ends; /* as below, of any of its cards: with both, another registration takes the place of the one before */
	bool owner_news;   /* when it is done, the phone on file for the car is told */
	const char *told_done, *told_refused; /* templates of the short messages about the end; NULL: nobody is told */
	const char *done_label;               /* of a card that is done, on pages */
};

/* NULL when there is no such kind. */
const struct application_kind *application_kind(const char *name);
/* The word on pages for a card in this state of an application of this kind. */
const char *application_state_label(const char *kind, enum card_state state);

/* The VehicleStatus of table 8. */
enum told_status {
	TOLD_SOLD,        /* 4 */
	TOLD_TRANSFERRED, /* 5 */
	TOLD_ENDED,       /* 6 for a scrapped car, else 4 */
	TOLD_CAR,         /* as the car stands; 4 for one that was not sold yet */
	TOLD_CHANGED      /* as the car stands */
};

/* What happens to one card of an application. A replacement has two cards, the new one and the one that it takes the place of; all
 * other kinds treat all their cards alike. */
struct card_business {
	const char *kind, *part; /* application_card.part: "whole", "old", "new" */
	bool begins;             /* when it is done a registration of the card begins */
	bool ends;               /* when it is done the card's current registration ends; with begins: another one takes its place */
	const char *business;    /* its messages: t1_profile_messages */
	const char *oper_type;   /* of its account message: t1_profile_oper_type */
	enum told_status status;
};
/* NULL when there is no such part of this kind. */
const struct card_business *card_business(const char *kind, const char *part);
/* The VehicleStatus to tell of a car whose status is this: "1" to "6". */
const char *told_vehicle_status(enum told_status rule, int car_status);

#endif
