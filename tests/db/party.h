/* Applications of every kind for tests: parties in their roles, profiles with more members, and what the messages say. */
#ifndef TESTS_DB_PARTY_H
#define TESTS_DB_PARTY_H

#include "base/json.h"
#include "fixture.h"

#define PROFILE_WITH(more)                                                                                                                 \
	"{\"account_url\":\"https://127.0.0.1:1/a\",\"vehicle_url\":\"https://127.0.0.1:1/v\",\"password_secret\":\"password\","           \
	"\"cipher_key_secret\":\"cipher\",\"default_channel_name\":\"线上\",\"default_staff_name\":\"系统\","                          \
	"\"default_channel_address\":\"北京市朝阳区\",\"oper_types\":{\"register\":\"1\",\"transfer\":\"2\",\"update\":\"3\","       \
	"\"cancel\":\"4\",\"replace_card\":\"5\",\"vehicle_status\":\"6\"},"                                                               \
	"\"certificate_types\":{\"ID_CARD\":\"01\",\"PASSPORT_FOREIGN\":\"08\",\"BIZ_LICENSE\":\"20\"}" more "}"

static inline void profile_set(const struct catalogue *c, const char *profile)
{
	OK(db_query(owner, a, NULL, "UPDATE carrier_connection SET profile = $2 WHERE id = $1", DB_TEXT(c->connection), DB_TEXT(profile)));
}

struct party {
	const char *role, *certificate, *name, *number, *address, *postal, *telephone;
};
static inline void party_add(const struct application *p, const struct party *q)
{
	const char *id = crypt_uuid(a), *t = "application_party";
	OK(db_query(web, a, NULL,
		    "INSERT INTO application_party (id, application_id, role, certificate_type, name_sealed, number_sealed, number_hash, "
		    "number_hash_key, address_sealed, postal_address_sealed, telephone_sealed, valid_from, long_term) "
		    "VALUES ($1, $2, $3, $4, $5, $6, $7, 'lookup-1', $8, $9, $10, '2015-01-01', true)",
		    DB_TEXT(id), DB_TEXT(p->id), DB_TEXT(q->role), DB_TEXT(q->certificate),
		    DB_BYTES(sealed_text(a, &p->key, t, "name", id, q->name)),
		    DB_BYTES(sealed_text(a, &p->key, t, "number", id, q->number)),
		    DB_BYTES(crypt_lookup(a, keys_current(&keys.lookup), "certificate", q->number)),
		    DB_BYTES(sealed_text(a, &p->key, t, "address", id, q->address)),
		    DB_BYTES(sealed_text(a, &p->key, t, "postal_address", id, q->postal)),
		    DB_BYTES(sealed_text(a, &p->key, t, "telephone", id, q->telephone))));
}

/* An organisation with its responsible person instead of the holder that fixture_draft made. */
static inline void make_organisation(const struct application *p)
{
	OK(db_query(owner, a, NULL, "DELETE FROM application_party WHERE application_id = $1", DB_TEXT(p->id)));
	OK(db_query(owner, a, NULL, "UPDATE application SET holder = 'organisation', acting = 'responsible_person' WHERE id = $1",
		    DB_TEXT(p->id)));
	party_add(p, &(struct party){"organisation", "BIZ_LICENSE", "示例物流有限公司", "91110105MA01K3XY5T", "北京市朝阳区某路 1 号",
				     "北京市朝阳区某路 1 号收发室", NULL});
	party_add(p, &(struct party){"responsible_person", "ID_CARD", "李四", "110101199003070011", "北京市西城区某街 2 号", NULL,
				     "13800138000"});
}

static inline void set_kind(const struct application *p, const char *kind)
{
	OK(db_query(owner, a, NULL, "UPDATE application SET kind = $2 WHERE id = $1", DB_TEXT(p->id), DB_TEXT(kind)));
}

/* The clear text of a message of a card of an application, counted from 0 in its order; NULL when there is none. The key is that of the
 * application, whoever made it. */
static inline const cJSON *message_of(const char *row, int nth)
{
	struct db_result *r;
	struct crypt_key key;
	char *inputs = NULL;
	OK(db_query(owner, a, &r, "SELECT id, data_key_id, inputs_sealed FROM t1_message WHERE application_card_id = $1 ORDER BY sequence",
		    DB_TEXT(row)));
	if (nth >= db_rows(r))
		return NULL;
	OK(datakey_load(owner, a, &keys, db_text(r, nth, "data_key_id"), &key));
	OK(opened_text(a, &key, "t1_message", "inputs", db_text(r, nth, "id"), db_bytes(r, nth, "inputs_sealed"), &inputs));
	return inputs ? json_read_object(a, (struct bytes){(const unsigned char *)inputs, strlen(inputs)}) : NULL;
}

/* A field's text; "-" when it is not sent. */
static inline const char *told(const cJSON *message, const char *field)
{
	const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(message, field));
	return text ? text : "-";
}

#endif
