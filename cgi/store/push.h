/* Inside the store: what the messages of an application are made of, and the making of one. */
#ifndef STORE_PUSH_H
#define STORE_PUSH_H

#include "base/config.h"
#include "db/db.h"
#include "domain/kind.h"
#include "t1/profile.h"

enum party_role {
	PARTY_HOLDER,
	PARTY_FORMER_HOLDER,
	PARTY_ORGANISATION,
	PARTY_RESPONSIBLE,
	PARTY_LEGAL, /* the legal representative: the responsible person of an organisation that has named no other */
	PARTY_AGENT,
	PARTY_ROLE_MAX
};

struct push_party {
	const char *certificate_type; /* NULL: the application has no such party */
	char *name, *number, *address;
	char *postal_address, *telephone; /* NULL: not known */
	struct validity validity;
	bool validity_known;
};

/* What all cards of an application share. */
struct push_source {
	const char *application_id, *automaker_id, *kind, *data_key_id, *vehicle_id, *code;
	bool organisation, agent; /* who holds; whether somebody acts for him */
	int64_t submitted_at;
	struct crypt_key key; /* wiped by push_source_close */
	struct push_party parties[PARTY_ROLE_MAX];
	struct db_result *vehicle;
	char *plate, *staff;
};

/* One card of it. */
struct push_card {
	const char *id, *card_id, *connection_id, *iccid, *msisdn; /* id: application_card */
	const struct card_business *business;
	struct t1_profile profile;
};

/* One message, ready to be written. */
struct push_message {
	enum t1_part part;
	const char *kind, *oper_type; /* "account", "vehicle"; oper_type: of an account message */
	char *request_id, *inputs;
};

/* In the caller's transaction; locks the application. ST_CONFLICT when it is not submitted. Close it whatever comes back. */
enum status push_source_load(struct db *db, struct arena *a, const struct keys *keys, const char *application_id,
			     struct push_source *out) MUST_CHECK;
void push_source_close(struct push_source *s);
/* Row i of a result of PUSH_CARDS. ST_INVALID when its carrier is not connected, or the profile cannot be read. */
enum status push_card_read(struct arena *a, const struct push_source *s, const struct db_result *r, int i,
			   struct push_card *out) MUST_CHECK;
#define PUSH_CARDS                                                                                                                         \
	"SELECT ac.id, ac.card_id, ac.part, c.iccid, c.msisdn, n.id AS connection_id, n.profile FROM application_card ac "                 \
	"JOIN card c ON c.id = ac.card_id LEFT JOIN carrier_connection n ON n.carrier_id = c.carrier_id AND n.automaker_id = $2 "

/* Makes a message and checks it whole; ST_INVALID with the field named. Writes nothing. */
enum status push_make(struct arena *a, const struct push_source *s, const struct push_card *c, enum t1_part part,
		      struct push_message *out) MUST_CHECK;
/* Its row, numbered within the card; *id: of the message. The card's row of the application is locked. */
enum status push_write(struct db *db, struct arena *a, const struct push_source *s, const struct push_card *c, const struct push_message *m,
		       const char **id) MUST_CHECK;

/* The tables: t1_account.c and t1_vehicle.c. m->request_id is known. */
enum status t1_account_make(struct arena *a, const struct push_source *s, const struct push_card *c, struct push_message *m) MUST_CHECK;
enum status t1_vehicle_make(struct arena *a, const struct push_source *s, const struct push_card *c, struct push_message *m) MUST_CHECK;

#endif
