/* Keys and secrets that the settings name. Values never reach a message. */
#include "base/config_secret.h"

#include <string.h>

#include "base/config.h"
#include "base/file.h"
#include "base/log.h"
#include "base/text.h"

#define SECRET_MAX 4096

enum status config_read_secret(struct arena *a, const char *path, char **out)
{
	unsigned mode = 0;
	char *text = NULL;
	enum status st = file_read_text(a, path, SECRET_MAX, &text, &mode);
	if (st != ST_OK)
		return st;
	if (mode & 007)
		log_warn("config", "everybody can read the secret in %s", path);
	size_t length = strlen(text);
	if (length && text[length - 1] == '\n')
		text[--length] = '\0';
	if (length && text[length - 1] == '\r')
		text[length - 1] = '\0';
	*out = text;
	return ST_OK;
}

enum status config_keys(struct keys *out, const struct config *c)
{
	struct keys keys;
	memset(&keys, 0, sizeof(keys));
	const struct {
		const char *name, *path;
		struct key_ring *ring;
	} rings[] = {
		{"master_keys_file", c->master_keys_file, &keys.master},
		{"lookup_keys_file", c->lookup_keys_file, &keys.lookup},
		{"code_keys_file", c->code_keys_file, &keys.code},
	};
	enum status st = ST_OK;
	for (size_t i = 0; i < sizeof(rings) / sizeof(rings[0]) && st == ST_OK; i++) {
		if (text_empty(rings[i].path))
			st = status_fail(ST_INVALID, "the setting %s is missing", rings[i].name);
		else
			st = keys_load_ring(rings[i].ring, rings[i].path);
	}
	/* What is stored is found by hashes under this key, and nothing makes them anew under another: everybody would be a stranger. */
	if (st == ST_OK && keys.lookup.count != 1)
		st = status_fail(ST_INVALID, "lookup_keys_file %s: has %d keys, and only the first is in use: keep that line, and the others elsewhere", c->lookup_keys_file,
				 keys.lookup.count);
	if (st == ST_OK)
		*out = keys;
	crypt_wipe(&keys, sizeof(keys));
	return st;
}

/* The file of a secret, in the arena; NULL when name is not the name of one. */
static char *secret_path(struct arena *a, const struct config *c, const char *name)
{
	/* a leading dot would allow ".." */
	if (text_empty(name) || name[0] == '.' || strlen(name) > 200 || name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789.-")])
		return NULL;
	return arena_printf(a, "%s/%s", c->secrets_dir, name);
}

enum status config_secret(struct arena *a, const struct config *c, const char *name, char **out)
{
	const char *path;
	if (text_empty(c->secrets_dir))
		return status_fail(ST_INVALID, "the setting secrets_dir is missing");
	path = secret_path(a, c, name);
	return path ? config_read_secret(a, path, out) : status_fail(ST_INVALID, "not a name of a secret");
}

char *config_secret_version(struct arena *a, const struct config *c, const char *name)
{
	const char *path = text_empty(c->secrets_dir) ? NULL : secret_path(a, c, name);
	return path ? file_version(a, path) : arena_strdup(a, "");
}
