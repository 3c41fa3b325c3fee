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
	const char *application_id, *automaker_id, *kind, *data_key_id;
	bool organisation, agent; /* who holds; whether somebody acts for him */
	int64_t submitted_at;
	struct crypt_key key; /* wiped by push_source_close */
	struct push_party parties[PARTY_ROLE_MAX];
};

/* One card of it, and its car. */
struct push_card {
	const char *id, *card_id, *connection_id, *iccid, *msisdn; /* id: application_card */
	const struct card_business *business;
	const struct t1_profile *profile;
	const struct db_result *car; /* its columns, in row */
	int row;
	const char *code;
	char *plate, *staff;
	bool in_car;     /* or it need not be: a card that comes with this application, or what staff tell of a registration as it is */
	bool unreadable; /* what is sealed of its car cannot be opened: its own fault, other cards are not concerned */
};

/* One message, ready to be written. */
struct push_message {
	enum t1_part part;
	const char *id, *kind, *oper_type; /* "account", "vehicle"; oper_type: of an account message */
	const char *missing;               /* the field for which it could not be made */
	char *request_id, *inputs;
};

/* A card with the messages that it sends, in their order. */
struct push {
	struct push_card card;
	int count;
	bool own_fault; /* what is missing is the card's or its car's own: other cards are not concerned */
	struct push_message messages[T1_PART_MAX];
};

/* In the caller's transaction; locks the application. ST_CONFLICT when it is not submitted. Close it whatever comes back. */
enum status push_source_load(struct db *db, struct arena *a, const struct keys *keys, const char *application_id,
			     struct push_source *out) MUST_CHECK;
void push_source_close(struct push_source *s);
/* Row i of a result of PUSH_CARDS. ST_INVALID when its carrier is not connected, or the profile cannot be read. The card before, when
 * given, has been read from the same result: cards of one connection share their profile. */
enum status push_card_read(struct arena *a, const struct keys *keys, const struct push_source *s, const struct db_result *r, int i,
			   const struct push_card *before, struct push_card *out) MUST_CHECK;
#define PUSH_CARDS                                                                                                                         \
	"SELECT ac.id, ac.card_id, ac.part, c.iccid, c.msisdn, n.id AS connection_id, n.profile, v.id AS vehicle_id, v.vin, v.status, "    \
	"v.data_key_id, k.wrapped, v.license_plate_sealed, v.staff_name_sealed, v.name_vehicle_enterprise, v.vehicle_type, "               \
	"v.place_of_origin, v.vehicle_department, v.vehicle_name, v.vehicle_num, v.vehicle_model, v.body_color, v.fuel_type, "             \
	"v.engine_num, v.motor_num, v.departure_time, v.sales_time, v.sales_update_time, v.channel_name, v.channel_address, "              \
	"v.extend_para, floor(extract(epoch FROM v.status_updated_at))::bigint AS status_updated_at, m.code, "                             \
	"ac.part = 'new' OR p.channel = 'counter' OR coalesce(b.vehicle_id = v.id, false) AS in_car FROM application_card ac "             \
	"JOIN application p ON p.id = ac.application_id JOIN card c ON c.id = ac.card_id "                                                 \
	"LEFT JOIN card_binding b ON b.card_id = c.id AND b.bound_until IS NULL "                                                          \
	"LEFT JOIN vehicle v ON v.id = coalesce(ac.vehicle_id, p.vehicle_id) LEFT JOIN manufacturer m ON m.id = v.manufacturer_id "        \
	"LEFT JOIN data_key k ON k.id = v.data_key_id "                                                                                    \
	"LEFT JOIN carrier_connection n ON n.carrier_id = c.carrier_id AND n.automaker_id = $2 "

/* Makes a message and checks it whole; ST_INVALID with the field named, also in out->missing. Writes nothing. */
enum status push_make(struct arena *a, const struct push_source *s, const struct push_card *c, enum t1_part part,
		      struct push_message *out) MUST_CHECK;
/* All messages of p->card, which must be in the car of the application. ST_INVALID as above; then p->own_fault tells whose. */
enum status push_make_all(struct arena *a, const struct push_source *s, struct push *p) MUST_CHECK;
/* The rows of all their messages by one statement, numbered within each card; the ids are those in the messages. The cards' rows of the
 * application are locked. */
enum status push_write(struct db *db, struct arena *a, const struct push_source *s, const struct push *pushes, int count) MUST_CHECK;
/* A job for each of their messages: those of a card come out in the order in which they are here. */
enum status push_jobs(struct db *db, struct arena *a, const struct push *pushes, int count) MUST_CHECK;

/* The tables: t1_account.c and t1_vehicle.c. m->request_id is known. */
enum status t1_account_make(struct arena *a, const struct push_source *s, const struct push_card *c, struct push_message *m) MUST_CHECK;
enum status t1_vehicle_make(struct arena *a, const struct push_source *s, const struct push_card *c, struct push_message *m) MUST_CHECK;

#endif
