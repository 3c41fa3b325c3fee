/* Short messages wait as rows; their text is made when they are sent, so that no code stands in a table. */
#include "store/sms.h"

#include <stdio.h>
#include <string.h>

#include "store/datakey.h"
#include "store/queue.h"

enum status sms_enqueue(struct db *db, struct arena *a, const struct keys *keys, const char *application_id, const char *template_name,
			const char *parameters, const char *phone, char **message_id)
{
	char *id = crypt_uuid(a);
	struct bytes sealed = sealed_by_master(a, keys, "sms_message", "phone", id, phone);
	enum status st = db_query(db, a, NULL,
				  "INSERT INTO sms_message (id, application_id, template, parameters, phone_sealed) "
				  "VALUES ($1, $2, $3, coalesce($4::text[], '{}'), $5)",
				  DB_TEXT(id), DB_TEXT(application_id), DB_TEXT(template_name), DB_TEXT(parameters), DB_BYTES(sealed));
	if (st != ST_OK || (st = queue_add(db, a, "sms_send", id, 0)) != ST_OK)
		return st;
	if (message_id)
		*message_id = id;
	return ST_OK;
}

const char *sms_parameter(struct arena *a, const char *text)
{
	struct buffer b;
	buffer_init(&b, a, 2 * strlen(text) + 8);
	buffer_text(&b, "{\"");
	for (const char *p = text; *p; p++) {
		if (*p == '"' || *p == '\\')
			buffer_text(&b, "\\");
		buffer_add(&b, p, 1);
	}
	buffer_text(&b, "\"}");
	return b.data;
}

void sms_code_digits(char out[7], const struct keys *keys, const char *code_id, struct bytes seed)
{
	static const char purpose[] = "sms_code";
	unsigned char input[256], mac[CRYPT_HASH_SIZE];
	const struct crypt_key *key = keys_current(&keys->code);
	size_t id_length = strnlen(code_id, 64), length = 0;
	memcpy(input, purpose, sizeof(purpose)); /* with its NUL, which parts it from the id */
	length += sizeof(purpose);
	memcpy(input + length, code_id, id_length);
	length += id_length;
	input[length++] = 0;
	size_t rest = seed.length < sizeof(input) - length ? seed.length : sizeof(input) - length;
	if (rest)
		memcpy(input + length, seed.data, rest);
	crypt_hmac_sha256(mac, key->key, sizeof(key->key), input, length + rest);
	unsigned long long number = 0;
	for (int i = 0; i < 8; i++)
		number = number << 8 | mac[i];
	snprintf(out, 7, "%06u", (unsigned)(number % 1000000));
	crypt_wipe(mac, sizeof(mac));
}
