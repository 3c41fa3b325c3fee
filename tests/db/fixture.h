/* What the tests of the store and the jobs share: connections in the roles of the programs, keys, a small catalogue and
 * applications. TEST_DATABASE is the DSN of the owner of a throw-away database with the migrations applied. Everything made here
 * has random names, so that tests can share a database. */
#ifndef TESTS_DB_FIXTURE_H
#define TESTS_DB_FIXTURE_H

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../unit/test.h"
#include "store/cards.h"
#include "store/datakey.h"
#include "store/evidence.h"
#include "store/queue.h"

#define OK(call) check_status(__FILE__, __LINE__, (call), ST_OK)
#define CHECK_STATUS(call, wanted) check_status(__FILE__, __LINE__, (call), (wanted))
static inline void check_status(const char *file, int line, enum status got, enum status wanted)
{
	if (got == wanted)
		return;
	test_failed_here++;
	printf("# %s:%d: %s (%s), not %s\n", file, line, status_name(got), status_message(), status_name(wanted));
}

static struct arena *a;
static struct db *owner, *web, *jobs;
static struct keys keys;
static struct config config;
static const struct actor tester = {.name = "visitor", .address = "127.0.0.1"};

static inline struct db *fixture_connect(const char *role)
{
	struct db *db = NULL;
	const char *dsn = getenv("TEST_DATABASE");
	if (!dsn) {
		fprintf(stderr, "TEST_DATABASE is not set\n");
		exit(2);
	}
	if (db_open(&db, role ? arena_printf(a, "%s user=%s", dsn, role) : dsn, "test") != ST_OK || db_ready(db) != ST_OK) {
		fprintf(stderr, "cannot connect: %s\n", status_message());
		exit(2);
	}
	return db;
}

static inline void fixture_ring(struct key_ring *ring, const char *id)
{
	ring->count = 1;
	snprintf(ring->keys[0].id, sizeof(ring->keys[0].id), "%s", id);
	memset(ring->keys[0].key, id[0], CRYPT_KEY_SIZE);
}

static inline void fixture_start(void)
{
	static char folder[] = "/tmp/realname-test-XXXXXX";
	a = arena_create();
	fixture_ring(&keys.master, "master-1");
	fixture_ring(&keys.lookup, "lookup-1");
	fixture_ring(&keys.code, "code-1");
	if (!mkdtemp(folder))
		exit(2);
	config.evidence_dir = folder;
	config.secrets_dir = folder;
	config.picture_max_mb = 10;
	config.job_lease_s = 30;
	config.job_delay_scale = 0.001;
	config.outbound_timeout_ms = 1000;
	config.outbound_connect_ms = 500;
	config.live_code_seconds = 300;
	config.sms_code_minutes = 5;
	config.refused_days = 90;
	owner = fixture_connect(NULL);
	web = fixture_connect("realname_web");
	jobs = fixture_connect("realname_jobs");
	OK(db_query(owner, a, NULL, "DELETE FROM job"));
}

/* The folder of the evidence goes too. */
static inline int fixture_end(void)
{
	char command[200];
	snprintf(command, sizeof(command), "rm -rf -- '%s'", config.evidence_dir);
	if (system(command) != 0)
		test_failures++;
	db_close(owner);
	db_close(web);
	db_close(jobs);
	arena_destroy(a);
	return test_failures;
}

/* One value as text; the SQL is a literal with $1. */
#define VALUE(db, sql, id) value_of((db), (sql), (id))
static inline const char *value_of(struct db *db, const char *sql, const char *id)
{
	struct db_result *r;
	struct db_value value = DB_TEXT(id);
	if (db_run(db, a, &r, sql, &value, id ? 1 : 0) != ST_OK) {
		test_failed_here++;
		printf("# %s\n", status_message());
		return NULL;
	}
	return db_rows(r) ? db_text(r, 0, "value") : NULL;
}

struct catalogue {
	char *automaker, *manufacturer, *carrier, *connection, *vehicle, *card[2];
	const char *code;
};

#define FIXTURE_PROFILE \
	"{\"account_url\":\"https://127.0.0.1:1/a\",\"vehicle_url\":\"https://127.0.0.1:1/v\",\"password_secret\":\"password\"," \
	"\"cipher_key_secret\":\"cipher\",\"default_channel_name\":\"线上\",\"default_staff_name\":\"系统\"," \
	"\"default_channel_address\":\"北京市朝阳区\",\"oper_types\":{\"register\":\"1\"},\"certificate_types\":{\"ID_CARD\":\"01\"}}"

static inline char *fixture_digits(size_t n)
{
	char *text = arena_alloc(a, n + 1);
	unsigned char random[64];
	crypt_random(random, sizeof(random));
	for (size_t i = 0; i < n; i++)
		text[i] = (char)('0' + random[i] % 10);
	return text;
}

static inline void fixture_catalogue(struct catalogue *c, const char *owner_phone)
{
	struct crypt_key key;
	*c = (struct catalogue){crypt_uuid(a), crypt_uuid(a), crypt_uuid(a), crypt_uuid(a), crypt_uuid(a), {crypt_uuid(a), crypt_uuid(a)}, NULL};
	c->code = VALUE(owner, "SELECT lpad(upper(to_hex(count(*))), 4, '0') AS value FROM manufacturer WHERE code ~ '^[0-9A-F]{4}$'", NULL);
	OK(db_query(owner, a, NULL, "INSERT INTO automaker (id, slug, name) VALUES ($1::uuid, $1::text, 'n')",
		    DB_TEXT(c->automaker)));
	OK(db_query(owner, a, NULL, "INSERT INTO manufacturer (id, automaker_id, code, name) VALUES ($1, $2, $3, 'n')", DB_TEXT(c->manufacturer),
		    DB_TEXT(c->automaker), DB_TEXT(c->code)));
	OK(db_query(owner, a, NULL, "INSERT INTO carrier (id, slug, name) VALUES ($1::uuid, $1::text, 'n')", DB_TEXT(c->carrier)));
	OK(db_query(owner, a, NULL, "INSERT INTO carrier_connection (id, automaker_id, carrier_id, platform_id, profile) VALUES ($1, $2, $3, 'PLATFORM', $4)",
		    DB_TEXT(c->connection), DB_TEXT(c->automaker), DB_TEXT(c->carrier), DB_TEXT(FIXTURE_PROFILE)));
	OK(datakey_create(owner, a, &keys, &key));
	OK(db_query(owner, a, NULL,
		    "INSERT INTO vehicle (id, automaker_id, manufacturer_id, vin, network_date, status_updated_at, name_vehicle_enterprise, vehicle_type, "
		    "place_of_origin, vehicle_department, vehicle_name, vehicle_num, vehicle_model, body_color, fuel_type, motor_num, departure_time, "
		    "sales_time, data_key_id, owner_phone_sealed) VALUES ($1, $2, $3, $4, '2020-01-01', '2020-01-01', '企业', '1', '1', '品牌', '轿车', 'T100', "
		    "'通用', '白', '3', 'M1', '20200101', '20200102101010', $5, $6)",
		    DB_TEXT(c->vehicle), DB_TEXT(c->automaker), DB_TEXT(c->manufacturer), DB_TEXT(arena_printf(a, "LTEST%s", fixture_digits(12))),
		    DB_TEXT(key.id), DB_BYTES(sealed_text(a, &key, "vehicle", "owner_phone", c->vehicle, owner_phone))));
	for (int i = 0; i < 2; i++)
		OK(db_query(owner, a, NULL, "INSERT INTO card (id, carrier_id, iccid, msisdn) VALUES ($1, $2, $3, $4)", DB_TEXT(c->card[i]),
			    DB_TEXT(c->carrier), DB_TEXT(arena_printf(a, "8986%s", fixture_digits(16))),
			    DB_TEXT(arena_printf(a, "14400%s", fixture_digits(8)))));
}

struct application {
	char *id, *row[2], *party;
	struct crypt_key key;
};

/* Puts a card into a car, if it is in none. */
static inline void fixture_bind(const char *card, const char *vehicle)
{
	OK(db_query(owner, a, NULL,
		    "INSERT INTO card_binding (id, card_id, vehicle_id) SELECT $1, $2, $3 "
		    "WHERE NOT EXISTS (SELECT FROM card_binding WHERE card_id = $2 AND bound_until IS NULL)",
		    DB_TEXT(crypt_uuid(a)), DB_TEXT(card), DB_TEXT(vehicle)));
}

/* A draft of the web program with `cards` cards of its car, holder and phone. */
static inline void fixture_draft(struct application *p, const struct catalogue *c, int cards)
{
	*p = (struct application){.id = crypt_uuid(a), .party = crypt_uuid(a)};
	for (int i = 0; i < cards; i++)
		fixture_bind(c->card[i], c->vehicle);
	OK(db_begin(web));
	OK(datakey_create(web, a, &keys, &p->key));
	OK(db_query(web, a, NULL,
		    "INSERT INTO application (id, number, automaker_id, kind, holder, channel, acting, data_key_id, expires_at, vehicle_id, phone_sealed, "
		    "certificate_type) VALUES ($1, $2, $3, 'register', 'person', 'online', 'self', $4, now() + interval '1 day', $5, $6, 'ID_CARD')",
		    DB_TEXT(p->id), DB_TEXT(crypt_readable(a, 12)), DB_TEXT(c->automaker), DB_TEXT(p->key.id), DB_TEXT(c->vehicle),
		    DB_BYTES(sealed_text(a, &p->key, "application", "phone", p->id, "13800000001"))));
	OK(db_query(web, a, NULL,
		    "INSERT INTO application_party (id, application_id, role, certificate_type, name_sealed, number_sealed, number_hash, number_hash_key, "
		    "address_sealed, valid_from, valid_until) VALUES ($1, $2, 'holder', 'ID_CARD', $3, $4, $5, 'lookup-1', $6, '2015-01-01', '2035-01-01')",
		    DB_TEXT(p->party), DB_TEXT(p->id), DB_BYTES(sealed_text(a, &p->key, "application_party", "name", p->party, "张三")),
		    DB_BYTES(sealed_text(a, &p->key, "application_party", "number", p->party, "110101199003070011")),
		    DB_BYTES(crypt_lookup(a, keys_current(&keys.lookup), "certificate", p->id)),
		    DB_BYTES(sealed_text(a, &p->key, "application_party", "address", p->party, "北京市东城区"))));
	for (int i = 0; i < cards; i++) {
		p->row[i] = crypt_uuid(a);
		OK(db_query(web, a, NULL, "INSERT INTO application_card (id, application_id, card_id) VALUES ($1, $2, $3)", DB_TEXT(p->row[i]),
			    DB_TEXT(p->id), DB_TEXT(c->card[i])));
	}
	OK(db_commit(web));
}

static inline enum status fixture_move(struct db *db, const char *row, enum card_state to)
{
	const struct card_change change = {.application_card_id = row, .to = to, .refusal_key = to == CARD_REFUSED ? "refused.other" : NULL};
	return card_transition(db, a, &config, &keys, &tester, &change);
}

/* Submits as the web program does, in one transaction. */
static inline void fixture_submit(struct application *p, int cards, bool push)
{
	OK(db_begin(web));
	OK(db_query(web, a, NULL, "UPDATE application SET submitted_at = now(), liveness_passed_at = now() WHERE id = $1", DB_TEXT(p->id)));
	for (int i = 0; i < cards; i++)
		OK(fixture_move(web, p->row[i], CARD_SUBMITTED));
	if (push)
		OK(cards_push(web, a, &config, &keys, &tester, p->id));
	OK(db_commit(web));
}

/* A file of the draft or application; its evidence. */
static inline char *put_file(struct application *p, const char *purpose)
{
	struct evidence_writer *w;
	struct evidence_file file;
	char *id;
	const struct evidence_row row = {p->id, "holder", purpose, "image/jpeg", "enrolment", p->key.id, {NULL, 0}, NULL, 0};
	OK(evidence_start(&w, a, config.evidence_dir, &p->key));
	OK(evidence_write(w, "data", 4));
	OK(evidence_finish(w, &file));
	OK(evidence_insert(web, a, &row, &file, &id));
	return id;
}

/* Whether the bytes of an evidence are still there. */
static inline bool file_exists(const char *evidence_id)
{
	const char *key = VALUE(owner, "SELECT storage_key AS value FROM evidence WHERE id = $1", evidence_id);
	return access(arena_printf(a, "%s/%.2s/%s", config.evidence_dir, key, key), F_OK) == 0;
}

#define CARD_STATE_OF(p) VALUE(owner, "SELECT state AS value FROM application_card WHERE id = $1", (p).row[0])

#endif
