/* Reads key files. The content of a key never reaches a message. */
#include "base/keys.h"

#include <string.h>

#include "base/file.h"

#define KEY_FILE_MAX 8192

/* "id hexbytes"; the reason when it is not, NULL when it is. */
static const char *parse_key(struct arena *a, char *line, struct crypt_key *out)
{
	struct bytes key;
	char *rest = NULL, *id = strtok_r(line, " \t\r", &rest), *hex = strtok_r(NULL, " \t\r", &rest);
	if (!id || !hex || strtok_r(NULL, " \t\r", &rest))
		return "wants \"id hexbytes\"";
	if (strlen(id) > CRYPT_KEY_ID_MAX || id[strspn(id, "0123456789abcdefghijklmnopqrstuvwxyz-")])
		return "an id has 1 to 40 characters of 0-9 a-z -";
	if (strlen(hex) != 2 * CRYPT_KEY_SIZE || hex_decode(a, hex, &key) != ST_OK)
		return "a key has 64 hex digits";
	memset(out, 0, sizeof(*out));
	memcpy(out->id, id, strlen(id));
	memcpy(out->key, key.data, CRYPT_KEY_SIZE);
	return NULL;
}

static enum status parse_ring(struct arena *a, const char *path, char *text, struct key_ring *ring)
{
	int number = 0;
	while (text) {
		char *line = strsep(&text, "\n");
		struct crypt_key key;
		number++;
		line += strspn(line, " \t\r");
		if (!line[0] || line[0] == '#')
			continue;
		if (ring->count == KEYS_MAX)
			return status_fail(ST_INVALID, "%s:%d: more than %d keys", path, number, KEYS_MAX);
		const char *wrong = parse_key(a, line, &key);
		if (wrong)
			return status_fail(ST_INVALID, "%s:%d: %s", path, number, wrong);
		if (keys_find(ring, key.id))
			return status_fail(ST_INVALID, "%s:%d: this id stands here twice", path, number);
		ring->keys[ring->count++] = key;
		crypt_wipe(&key, sizeof(key));
	}
	return ring->count ? ST_OK : status_fail(ST_INVALID, "%s:%d: no key in this file", path, number);
}

enum status keys_load_ring(struct key_ring *out, const char *path)
{
	struct key_ring ring = {.count = 0};
	char *text = NULL;
	struct arena *a = arena_create();
	unsigned mode = 0;
	enum status st = file_read_text(a, path, KEY_FILE_MAX, &text, &mode) == ST_OK ? ST_OK : ST_INVALID;
	if (st == ST_OK && (mode & 077))
		st = status_fail(ST_INVALID, "%s: others can read this key file (mode %03o); chmod 600 it", path, mode);
	if (st == ST_OK)
		st = parse_ring(a, path, text, &ring);
	if (st == ST_OK)
		*out = ring;
	crypt_wipe(&ring, sizeof(ring));
	arena_destroy(a);
	return st;
}

const struct crypt_key *keys_find(const struct key_ring *ring, const char *id)
{
	for (int i = 0; id && i < ring->count; i++) {
		if (strcmp(ring->keys[i].id, id) == 0)
			return &ring->keys[i];
	}
	return NULL;
}
