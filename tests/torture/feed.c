/* Submits applications by the functions of the product, many a second: the load of the torture run. Cars of its own (VIN begins with LT)
 * are registered and cancelled by turns. An order a line on stdin, an answer a line on stdout, when it is committed for certain:
 *   push            one application for a car that is free; {"application", "number", "kind", "cards": [{"card", "iccid"}]}, or {} when no
 *                   car is free
 *   hot N           the same, with N more account messages for its first card
 *   more CARD N     N more account messages, each in a transaction of its own, by turns to register and to cancel; {"more": N}, less
 *                   when the card's application came to its end
 * usage: feed CONFIG DSN */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/cards.h"
#include "store/datakey.h"
#include "store/push.h"
#include "store/queue.h"

#define CARDS_MAX 16
#define AGAIN_US 50000

static struct arena *a;
static struct db *db;
static struct config config;
static struct keys keys;
static char why[600]; /* the last failure */
static const struct actor actor = {.name = "visitor", .address = "127.0.0.1"};

struct application {
	char *id, *number, *row[CARDS_MAX];
	const char *kind, *vehicle_id, *automaker_id, *card[CARDS_MAX], *iccid[CARDS_MAX];
	int cards;
	struct crypt_key key;
};

/* A car whose cards are all free: registered cards will be cancelled, others registered. p->cards is 0 when there is none. */
static enum status choose_car(struct application *p)
{
	struct db_result *r;
	enum status st = db_query(
		db, a, &r,
		"WITH car AS (SELECT v.id, v.automaker_id FROM vehicle v WHERE v.vin LIKE 'LT%' AND NOT EXISTS (SELECT FROM card_binding b "
		"JOIN application_card ac ON ac.card_id = b.card_id AND ac.state IN ('submitted', 'review', 'needs_more', 'pushing') "
		"WHERE b.vehicle_id = v.id AND b.bound_until IS NULL) ORDER BY random() LIMIT 1), "
		"cards AS (SELECT car.id AS vehicle_id, car.automaker_id, c.id, c.iccid, EXISTS (SELECT FROM registration g WHERE "
		"g.card_id = c.id "
		"AND g.ended_at IS NULL) AS registered FROM car JOIN card_binding b ON b.vehicle_id = car.id AND b.bound_until IS NULL "
		"JOIN card c ON c.id = b.card_id) "
		"SELECT vehicle_id, automaker_id, id, iccid, registered FROM cards "
		"WHERE registered = (SELECT bool_and(registered) FROM cards) ORDER BY id LIMIT 16");
	if (st != ST_OK || db_rows(r) == 0)
		return st;
	p->vehicle_id = db_text(r, 0, "vehicle_id");
	p->automaker_id = db_text(r, 0, "automaker_id");
	p->kind = db_bool(r, 0, "registered") ? "cancel" : "register";
	for (p->cards = 0; p->cards < db_rows(r); p->cards++) {
		p->card[p->cards] = db_text(r, p->cards, "id");
		p->iccid[p->cards] = db_text(r, p->cards, "iccid");
	}
	return ST_OK;
}

static enum status write_application(struct application *p)
{
	char *party = crypt_uuid(a), *phone = arena_printf(a, "138%.8s", crypt_readable(a, 8));
	const struct crypt_key *lookup = keys_current(&keys.lookup);
	unsigned char random[8];
	crypt_random(random, sizeof(random));
	for (int i = 0; i < 8; i++)
		phone[3 + i] = (char)('0' + random[i] % 10);
	enum status st = datakey_create(db, a, &keys, &p->key);
	if (st == ST_OK)
		st = db_query(db, a, NULL,
			      "INSERT INTO application (id, number, automaker_id, kind, holder, channel, acting, data_key_id, expires_at, "
			      "vehicle_id, "
			      "phone_sealed, certificate_type, submitted_at, liveness_passed_at) "
			      "VALUES ($1, $2, $3, $4, 'person', 'online', 'self', $5, now() + interval '1 day', $6, $7, 'ID_CARD', now(), "
			      "now())",
			      DB_TEXT(p->id), DB_TEXT(p->number), DB_TEXT(p->automaker_id), DB_TEXT(p->kind), DB_TEXT(p->key.id),
			      DB_TEXT(p->vehicle_id), DB_BYTES(sealed_text(a, &p->key, "application", "phone", p->id, phone)));
	if (st == ST_OK)
		st = db_query(db, a, NULL,
			      "INSERT INTO application_party (id, application_id, role, certificate_type, name_sealed, number_sealed, "
			      "number_hash, "
			      "number_hash_key, address_sealed, valid_from, valid_until) "
			      "VALUES ($1, $2, 'holder', 'ID_CARD', $3, $4, $5, $6, $7, '2015-01-01', '2035-01-01')",
			      DB_TEXT(party), DB_TEXT(p->id), DB_BYTES(sealed_text(a, &p->key, "application_party", "name", party, "张三")),
			      DB_BYTES(sealed_text(a, &p->key, "application_party", "number", party, "110101199003070011")),
			      DB_BYTES(crypt_lookup(a, lookup, "certificate", p->id)), DB_TEXT(lookup->id),
			      DB_BYTES(sealed_text(a, &p->key, "application_party", "address", party, "北京市东城区")));
	for (int i = 0; st == ST_OK && i < p->cards; i++) {
		p->row[i] = crypt_uuid(a);
		st = db_query(db, a, NULL, "INSERT INTO application_card (id, application_id, card_id) VALUES ($1, $2, $3)",
			      DB_TEXT(p->row[i]), DB_TEXT(p->id), DB_TEXT(p->card[i]));
	}
	return st;
}

/* One more account message for an application's card, which is locked; *written is false when that has come to its end. */
static enum status write_more(const char *application_id, const char *card_id, const char *oper_type, bool *written)
{
	struct push_source s = {0};
	struct push p = {.count = 1};
	struct db_result *r;
	*written = false;
	enum status st = push_source_load(db, a, &keys, application_id, &s);
	if (st == ST_OK)
		st = db_query(db, a, &r,
			      PUSH_CARDS
			      "WHERE ac.application_id = $1 AND ac.card_id = $3 AND ac.state = 'pushing' FOR NO KEY UPDATE OF ac",
			      DB_TEXT(application_id), DB_TEXT(s.automaker_id), DB_TEXT(card_id));
	if (st != ST_OK || db_rows(r) == 0)
		goto out;
	st = push_card_read(a, &keys, &s, r, 0, NULL, &p.card);
	if (st == ST_OK)
		st = push_make(a, &s, &p.card, T1_PART_ACCOUNT, &p.messages[0]);
	p.messages[0].oper_type = oper_type;
	if (st == ST_OK)
		st = push_write(db, a, &s, &p, 1);
	if (st == ST_OK)
		st = push_jobs(db, a, &p, 1);
	*written = st == ST_OK;
out:
	push_source_close(&s);
	return st;
}

static enum status submit(struct application *p, int more)
{
	bool written;
	enum status st = db_begin(db);
	if (st == ST_OK)
		st = choose_car(p);
	if (st != ST_OK || p->cards == 0) {
		db_rollback(db);
		return st;
	}
	st = write_application(p);
	for (int i = 0; st == ST_OK && i < p->cards; i++) {
		const struct card_change change = {.application_card_id = p->row[i], .to = CARD_SUBMITTED};
		st = card_transition(db, a, &config, &keys, &actor, &change);
	}
	if (st == ST_OK)
		st = cards_push(db, a, &config, &keys, &actor, p->id);
	for (int i = 0; st == ST_OK && i < more; i++)
		st = write_more(p->id, p->card[0], i % 2 ? "register" : "cancel", &written);
	if (st == ST_OK)
		st = db_commit(db);
	if (st != ST_OK) {
		snprintf(why, sizeof(why), "%s: %s", status_name(st), status_message());
		db_rollback(db);
	}
	return st;
}

/* After a commit that was not answered. */
static bool is_there(const char *application_id)
{
	struct db_result *r;
	while (db_ready(db) != ST_OK || db_query(db, a, &r, "SELECT FROM application WHERE id = $1", DB_TEXT(application_id)) != ST_OK)
		usleep(AGAIN_US);
	return db_rows(r) == 1;
}

static void push(int more)
{
	struct application p;
	for (;;) {
		enum status st = db_ready(db);
		arena_reset(a);
		p = (struct application){.id = crypt_uuid(a), .number = crypt_readable(a, 12)};
		if (st == ST_OK)
			st = submit(&p, more);
		if (st == ST_OK || (st == ST_UNAVAILABLE && is_there(p.id)))
			break;
		if (st != ST_UNAVAILABLE && st != ST_CONFLICT && st != ST_BUSY) {
			fprintf(stderr, "feed: %s\n", why);
			exit(1);
		}
		usleep(AGAIN_US);
	}
	if (p.cards == 0) {
		printf("{}\n");
		return;
	}
	printf("{\"application\":\"%s\",\"number\":\"%s\",\"kind\":\"%s\",\"cards\":[", p.id, p.number, p.kind);
	for (int i = 0; i < p.cards; i++)
		printf("%s{\"card\":\"%s\",\"iccid\":\"%s\"}", i ? "," : "", p.card[i], p.iccid[i]);
	printf("]}\n");
}

/* The id of the application whose card is being pushed; NULL when there is none. */
static enum status pushing(const char *card_id, const char **application_id)
{
	struct db_result *r;
	enum status st = db_query(db, a, &r, "SELECT application_id FROM application_card WHERE card_id = $1 AND state = 'pushing'",
				  DB_TEXT(card_id));
	*application_id = st == ST_OK && db_rows(r) ? db_text(r, 0, "application_id") : NULL;
	return st;
}

static void more(const char *card_id, int count)
{
	int written = 0;
	for (int i = 0; i < count; i++) {
		const char *application_id;
		bool one = false;
		enum status st = db_ready(db);
		arena_reset(a);
		if (st == ST_OK)
			st = db_begin(db);
		if (st == ST_OK)
			st = pushing(card_id, &application_id);
		if (st == ST_OK && application_id)
			st = write_more(application_id, card_id, i % 2 ? "cancel" : "register", &one);
		if (st == ST_OK)
			st = db_commit(db);
		if (st != ST_OK) {
			db_rollback(db);
			usleep(AGAIN_US);
		}
		written += st == ST_OK && one;
	}
	printf("{\"more\":%d}\n", written);
}

int main(int argc, char **argv)
{
	char line[128], card[64];
	int count;
	if (argc != 3) {
		fprintf(stderr, "usage: %s CONFIG DSN\n", argv[0]);
		return 2;
	}
	a = arena_create();
	if (config_load(&config, argv[1]) != ST_OK || config_keys(&keys, &config) != ST_OK || db_open(&db, argv[2], "feed") != ST_OK) {
		fprintf(stderr, "feed: %s\n", status_message());
		return 1;
	}
	while (fgets(line, sizeof(line), stdin)) {
		if (strcmp(line, "push\n") == 0)
			push(0);
		else if (sscanf(line, "hot %d", &count) == 1)
			push(count);
		else if (sscanf(line, "more %63s %d", card, &count) == 2)
			more(card, count);
		else
			printf("{}\n");
		fflush(stdout);
	}
	db_close(db);
	return 0;
}
