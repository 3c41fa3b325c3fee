/* 实名登记记录: sign in by phone and SMS code, see one's own applications, do something about one of them. */
#ifndef FLOW_RECORDS_H
#define FLOW_RECORDS_H

#include "flow/codes.h"
#include "http/request.h"
#include "store/audit.h"

#define RECORDS_OPEN_DAYS 90 /* older ones are shown after the end of the certificate number, since phones get new owners */

/* The row of this visit's session, as far as the records go. Borrowed from the arena. */
struct sign_in {
	bool valid;               /* signed in, and not too long ago */
	char *phone;              /* as typed; NULL: none */
	struct bytes phone_sealed, phone_hash;
	const char *phone_hash_key;
	const char *at, *until; /* since when, until when it lasts, as the database writes it */
	const char *holders;    /* PostgreSQL array text of keyed hashes: holders whose older records may be shown */
	const char *search;     /* a VIN or its last six; NULL: everything */
};
enum status sign_in_load(struct request *r, struct sign_in *out) MUST_CHECK;
/* Loads it; ST_DENIED: not signed in, it has answered with the way in. */
enum status records_enter(struct request *r, struct sign_in *out) MUST_CHECK;
/* "visitor", from this address. */
struct actor records_actor(struct request *r);

/* Takes the phone into the session row (its own, beside a draft) and sends a code; a refusal of a limit is a form error of field. */
enum status records_take_phone(struct request *r, const char *phone, enum code_budget budget, const char *field, bool *there) MUST_CHECK;

/* One application as its owner may see it; *out is empty when there is none of this number, of this phone, or it is too old. */
struct record {
	bool exists;
	const char *id, *number, *kind, *data_key_id, *vin, *party_id, *certificate_type, *report;
	struct bytes name_sealed, number_sealed, phone_sealed;
	int64_t submitted_at; /* 0: a draft */
	bool closed;          /* the report of misuse */
	struct db_result *cards; /* id, iccid, state, state_at, refusal_key; by ICCID */
};
/* lock: inside a transaction, the row is held until its end; its cards are read after that. */
enum status record_load(struct request *r, const struct sign_in *s, const char *number, bool lock, struct record *out) MUST_CHECK;

/* In the caller's transaction: this draft becomes the draft of this browser, which gets a new session id. */
enum status records_take(struct request *r, const char *application_id, const char *action) MUST_CHECK;
/* On to where the answers of the browser's draft lead. */
enum status records_go_on(struct request *r) MUST_CHECK;

/* For other pages of this sign-in (a row of places in records.c; they send people to /records/phone?to=NAME): the phone of the session and
 * whether it is signed in now. */
enum status records_visitor(struct request *r, struct bytes *phone_hash, char **phone, bool *signed_in) MUST_CHECK;

enum status records_serve(struct request *r);          /* /records: the list */
enum status records_phone_serve(struct request *r);    /* /records/phone */
enum status records_code_serve(struct request *r);     /* /records/code */
enum status records_leave_serve(struct request *r);    /* POST /records/leave */
enum status records_search_serve(struct request *r);   /* POST /records/search */
enum status records_older_serve(struct request *r);    /* /records/older */
enum status records_continue_serve(struct request *r); /* POST /records/continue */
enum status records_retry_serve(struct request *r);    /* POST /records/retry */
enum status records_receipt_serve(struct request *r);  /* /records/receipt/NUMBER */
enum status records_withdraw_serve(struct request *r); /* /records/withdraw/NUMBER */
enum status records_misuse_serve(struct request *r);   /* /records/misuse/NUMBER */

#endif
