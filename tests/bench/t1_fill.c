/* Makes account messages that wait for their carrier: as many applications of one card as asked for, like one that exists, at a rate.
 * usage: t1_fill CONFIG DSN NUMBER COUNT RATE   (NUMBER of a registration that is done; RATE a second, 0: all in one transaction)
 * Prints for each commit the RequestID and the time at which it was over, in microseconds since 1970. The applications have no phone:
 * nobody is told. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/config.h"
#include "store/datakey.h"
#include "store/queue.h"

struct model {
	const char *application, *automaker, *vehicle, *carrier, *connection, *data_key, *code, *iccid, *msisdn;
	struct crypt_key key;
	char *inputs;
};

static enum status load(struct db *db, struct arena *a, const struct keys *keys, const char *number, struct model *m)
{
	struct db_result *r;
	enum status st = db_query(db, a, &r,
				  "SELECT a.id, a.automaker_id, a.vehicle_id, a.data_key_id, m.id AS message, m.connection_id, m.code, m.inputs_sealed, "
				  "c.carrier_id, c.iccid, c.msisdn FROM application a JOIN application_card ac ON ac.application_id = a.id "
				  "JOIN t1_message m ON m.application_card_id = ac.id AND m.kind = 'account' JOIN card c ON c.id = ac.card_id "
				  "WHERE a.number = $1 LIMIT 1",
				  DB_TEXT(number));
	if (st != ST_OK || db_rows(r) == 0)
		return st != ST_OK ? st : status_fail(ST_NOT_FOUND, "no application %s with a message", number);
	*m = (struct model){db_text(r, 0, "id"),	  db_text(r, 0, "automaker_id"), db_text(r, 0, "vehicle_id"), db_text(r, 0, "carrier_id"),
			    db_text(r, 0, "connection_id"), db_text(r, 0, "data_key_id"),  db_text(r, 0, "code"),       db_text(r, 0, "iccid"),
			    db_text(r, 0, "msisdn"),	    {{0}, {0}},			   NULL};
	if ((st = datakey_load(db, a, keys, m->data_key, &m->key)) != ST_OK)
		return st;
	return opened_text(a, &m->key, "t1_message", "inputs", db_text(r, 0, "message"), db_bytes(r, 0, "inputs_sealed"), &m->inputs);
}

/* The same text with another card. */
static char *replaced(struct arena *a, char *text, const char *old, const char *new)
{
	char *copy = arena_strdup(a, text), *at = strstr(copy, old);
	if (at && strlen(old) == strlen(new))
		memcpy(at, new, strlen(new));
	return copy;
}

static enum status add(struct db *db, struct arena *a, const struct model *m, int64_t n, char **request_id)
{
	const char *application = crypt_uuid(a), *card = crypt_uuid(a), *row = crypt_uuid(a), *message = crypt_uuid(a);
	char *iccid = arena_printf(a, "8986%0*" PRId64, (int)strlen(m->iccid) - 4, n * 10), *msisdn = arena_printf(a, "14%0*" PRId64, (int)strlen(m->msisdn) - 2, n);
	unsigned char iv[16];
	*request_id = crypt_alphanumeric(a, 24);
	crypt_random(iv, sizeof(iv));
	char *inputs = replaced(a, replaced(a, m->inputs, m->iccid, iccid), m->msisdn, msisdn);
	enum status st = db_query(db, a, NULL, "INSERT INTO card (id, carrier_id, iccid, msisdn) VALUES ($1, $2, $3, $4)", DB_TEXT(card), DB_TEXT(m->carrier),
				  DB_TEXT(iccid), DB_TEXT(msisdn));
	if (st == ST_OK)
		st = db_query(db, a, NULL,
			      "INSERT INTO application (id, number, automaker_id, kind, holder, channel, acting, data_key_id, expires_at, submitted_at, vehicle_id) "
			      "SELECT $1, $2, automaker_id, kind, holder, channel, acting, data_key_id, now(), now(), vehicle_id FROM application WHERE id = $3",
			      DB_TEXT(application), DB_TEXT(*request_id), DB_TEXT(m->application));
	if (st == ST_OK)
		st = db_query(db, a, NULL,
			      "INSERT INTO application_party (id, application_id, role, certificate_type, name_sealed, number_sealed, number_hash, "
			      "number_hash_key, address_sealed) SELECT gen_random_uuid(), $1, role, certificate_type, name_sealed, number_sealed, number_hash, "
			      "number_hash_key, address_sealed FROM application_party WHERE application_id = $2 AND role = 'holder'",
			      DB_TEXT(application), DB_TEXT(m->application));
	if (st == ST_OK)
		st = db_query(db, a, NULL, "INSERT INTO application_card (id, application_id, card_id, state) VALUES ($1, $2, $3, 'pushing')", DB_TEXT(row),
			      DB_TEXT(application), DB_TEXT(card));
	if (st == ST_OK)
		st = db_query(db, a, NULL,
			      "INSERT INTO t1_message (id, connection_id, application_card_id, card_id, kind, sequence, request_id, oper_type, code, data_key_id, "
			      "inputs_sealed, iv) VALUES ($1, $2, $3, $4, 'account', 1, $5, 'register', $6, $7, $8, $9)",
			      DB_TEXT(message), DB_TEXT(m->connection), DB_TEXT(row), DB_TEXT(card), DB_TEXT(*request_id), DB_TEXT(m->code),
			      DB_TEXT(m->data_key), DB_BYTES(sealed_text(a, &m->key, "t1_message", "inputs", message, inputs)),
			      DB_BYTES(((struct bytes){iv, sizeof(iv)})));
	const struct queue_job job = {.kind = "t1_send", .subject = message, .destination = m->connection, .order_key = card};
	return st == ST_OK ? queue_add_job(db, a, &job) : st;
}

static int64_t now_us(void)
{
	struct timespec t;
	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

int main(int argc, char **argv)
{
	struct config config;
	struct keys keys;
	struct model m;
	struct arena *long_lived = arena_create(), *a = arena_create();
	struct db *db;
	char *request_id;
	if (argc != 6) {
		fprintf(stderr, "usage: %s CONFIG DSN NUMBER COUNT RATE\n", argv[0]);
		return 2;
	}
	int64_t count = atoll(argv[4]), rate = atoll(argv[5]), first = now_us();
	enum status st = config_load(&config, argv[1]);
	if (st == ST_OK)
		st = config_keys(&keys, &config);
	if (st == ST_OK)
		st = db_open(&db, argv[2], "bench");
	if (st == ST_OK)
		st = load(db, long_lived, &keys, argv[3], &m);
	if (st == ST_OK && !rate)
		st = db_begin(db);
	for (int64_t i = 0; st == ST_OK && i < count; i++) {
		arena_reset(a);
		if (rate) {
			int64_t at = first + i * 1000000 / rate, left = at - now_us();
			const struct timespec pause = {left / 1000000, left % 1000000 * 1000};
			if (left > 0)
				nanosleep(&pause, NULL);
			st = db_begin(db);
		}
		if (st == ST_OK)
			st = add(db, a, &m, first % 100000000000 + i, &request_id);
		if (st == ST_OK && rate) {
			st = db_commit(db);
			printf("%s %" PRId64 "\n", request_id, now_us());
		}
	}
	if (st == ST_OK && !rate)
		st = db_commit(db);
	if (st != ST_OK)
		fprintf(stderr, "t1_fill: %s\n", status_message());
	return st == ST_OK ? 0 : 1;
}
