/* Automakers, manufacturers, carriers and connections: few rows that an operator keeps as JSON files. Loading again updates. */
#include <inttypes.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "operator/verbs.h"
#include "t1/profile.h"

#define FILE_BYTES_MAX ((size_t)256 * 1024)
#define NAME_CHARACTERS_MAX 100

/* ---- reading ---- */

static enum status read_json(struct command *c, const cJSON **out)
{
	const char *path = command_given(c, "FILE");
	char *text;
	enum status st = file_read_text(c->a, path, FILE_BYTES_MAX, &text, NULL);

	if (st != ST_OK)
		return st;
	*out = json_read_object(c->a, (struct bytes){(const unsigned char *)text, strlen(text)});
	return *out ? ST_OK : status_fail(ST_INVALID, "%s: not one well-formed JSON object", path);
}

/* Every member is one of names (ends with NULL), and all of them are there. */
static enum status check_members(const cJSON *object, const char *const *names, const char *what)
{
	const cJSON *child;

	cJSON_ArrayForEach(child, object)
	{
		int i = 0;

		while (names[i] && strcmp(names[i], child->string) != 0)
			i++;
		if (!names[i])
			return status_fail(ST_INVALID, "%s: unknown member %.40s", what, child->string);
	}
	for (int i = 0; names[i]; i++)
		if (!cJSON_GetObjectItemCaseSensitive(object, names[i]))
			return status_fail(ST_INVALID, "%s: %s is missing", what, names[i]);
	return ST_OK;
}

static void release_text(void *text)
{
	cJSON_free(text);
}

/* As compact text; NULL when there is no memory. */
static char *printed(struct command *c, const cJSON *object)
{
	char *text = cJSON_PrintUnformatted(object);

	if (text)
		arena_cleanup(c->a, release_text, text);
	return text;
}

/* Loading again writes over what was there, so what each file said is kept with the audit row. The file has only checked members, and of
 * secrets their names. */
static enum status record(struct command *c, const char *action, const char *object, const cJSON *file)
{
	const char *detail = printed(c, file);

	return detail ? audit_write(c->db, c->a, &c->actor, action, NULL, object, "ok", detail) : status_fail(ST_ERROR, "no memory");
}

static bool is_name(const char *text)
{
	return !text_empty(text) && text_characters(text) <= NAME_CHARACTERS_MAX && text[strspn(text, " ")] != '\0';
}

static bool is_slug(const char *text)
{
	return !text_empty(text) && strlen(text) <= 40 && text[strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-")] == '\0';
}

static bool is_code(const char *text)
{
	return text && strlen(text) == 4 && strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") == 4;
}

/* ---- automaker ---- */

static enum status check_manufacturers(const cJSON *list)
{
	static const char *const members[] = {"code", "name", NULL};
	const cJSON *one;

	if (!cJSON_IsArray(list) || !list->child)
		return status_fail(ST_INVALID, "manufacturers: wants a list of {\"code\", \"name\"}");
	cJSON_ArrayForEach(one, list)
	{
		enum status st = cJSON_IsObject(one) ? check_members(one, members, "manufacturer")
						     : status_fail(ST_INVALID, "manufacturers: wants a list of {\"code\", \"name\"}");

		if (st != ST_OK)
			return st;
		if (!is_code(json_string(one, "code")))
			return status_fail(ST_INVALID, "manufacturer: code wants 4 capital letters or digits");
		if (!is_name(json_string(one, "name")))
			return status_fail(ST_INVALID, "manufacturer %s: name wants 1 to %d characters", json_string(one, "code"),
					   NAME_CHARACTERS_MAX);
	}
	return ST_OK;
}

static enum status save_manufacturer(struct command *c, const char *automaker_id, const cJSON *one)
{
	struct db_result *r;
	enum status st = db_query(
		c->db, c->a, &r,
		"INSERT INTO manufacturer AS m (id, automaker_id, code, name) VALUES ($1, $2, $3, $4) "
		"ON CONFLICT (code) DO UPDATE SET name = excluded.name WHERE m.automaker_id = excluded.automaker_id RETURNING id",
		DB_TEXT(crypt_uuid(c->a)), DB_TEXT(automaker_id), DB_TEXT(json_string(one, "code")), DB_TEXT(json_string(one, "name")));

	if (st == ST_OK && db_rows(r) == 0)
		return status_fail(ST_CONFLICT, "manufacturer %s belongs to another automaker", json_string(one, "code"));
	return st;
}

enum status verb_automaker_load(struct command *c)
{
	static const char *const members[] = {"slug", "name", "manufacturers", NULL};
	const cJSON *file, *one, *manufacturers;
	struct db_result *r;
	const char *slug, *id = NULL;
	enum status st = read_json(c, &file);

	if (st == ST_OK)
		st = check_members(file, members, "automaker");
	if (st != ST_OK)
		return st;
	slug = json_string(file, "slug");
	manufacturers = cJSON_GetObjectItemCaseSensitive(file, "manufacturers");
	if (!is_slug(slug))
		return status_fail(ST_INVALID, "slug wants 1 to 40 of a-z, 0-9 and -");
	if (!is_name(json_string(file, "name")))
		return status_fail(ST_INVALID, "name wants 1 to %d characters", NAME_CHARACTERS_MAX);
	if ((st = check_manufacturers(manufacturers)) != ST_OK || (st = db_begin(c->db)) != ST_OK)
		return st;
	st = db_query(c->db, c->a, &r,
		      "INSERT INTO automaker (id, slug, name) VALUES ($1, $2, $3) ON CONFLICT (slug) DO UPDATE SET name = excluded.name "
		      "RETURNING id",
		      DB_TEXT(crypt_uuid(c->a)), DB_TEXT(slug), DB_TEXT(json_string(file, "name")));
	if (st == ST_OK)
		id = db_text(r, 0, "id");
	cJSON_ArrayForEach(one, manufacturers)
	{
		if (st == ST_OK)
			st = save_manufacturer(c, id, one);
	}
	if (st == ST_OK)
		st = record(c, "automaker.loaded", arena_printf(c->a, "automaker:%s", id), file);
	st = command_end(c, st);
	if (st == ST_OK)
		fprintf(c->out, "automaker %s: %d manufacturers\n", slug, cJSON_GetArraySize(manufacturers));
	return st;
}

/* ---- carrier ---- */

/* The carrier and the connection of this automaker to it; *id is the connection. */
static enum status save_carrier(struct command *c, const cJSON *file, const char *profile, const char **id)
{
	struct db_result *r;
	const char *carrier;
	enum status st = db_query(c->db, c->a, &r,
				  "INSERT INTO carrier (id, slug, name) VALUES ($1, $2, $3) ON CONFLICT (slug) DO UPDATE SET name = "
				  "excluded.name RETURNING id",
				  DB_TEXT(crypt_uuid(c->a)), DB_TEXT(json_string(file, "carrier")), DB_TEXT(json_string(file, "name")));

	if (st != ST_OK)
		return st;
	carrier = db_text(r, 0, "id");
	st = db_query(c->db, c->a, &r,
		      "INSERT INTO carrier_connection (id, automaker_id, carrier_id, platform_id, profile) "
		      "SELECT $1, m.id, $3, $4, $5::jsonb FROM automaker m WHERE m.slug = $2 "
		      "ON CONFLICT (automaker_id, carrier_id) DO UPDATE SET platform_id = excluded.platform_id, profile = excluded.profile, next_password = false "
		      "RETURNING id",
		      DB_TEXT(crypt_uuid(c->a)), DB_TEXT(json_string(file, "automaker")), DB_TEXT(carrier),
		      DB_TEXT(json_string(file, "platform_id")), DB_TEXT(profile));
	if (st == ST_OK && db_rows(r) == 0)
		return status_fail(ST_NOT_FOUND, "there is no automaker %s: load it first", json_string(file, "automaker"));
	if (st == ST_OK)
		*id = db_text(r, 0, "id");
	return st;
}

enum status verb_carrier_load(struct command *c)
{
	static const char *const members[] = {"automaker", "carrier", "name", "platform_id", "profile", NULL};
	const cJSON *file, *object;
	const char *platform, *id = NULL;
	struct t1_profile profile;
	char *text;
	enum status st = read_json(c, &file);

	if (st == ST_OK)
		st = check_members(file, members, "carrier");
	if (st != ST_OK)
		return st;
	platform = json_string(file, "platform_id");
	object = cJSON_GetObjectItemCaseSensitive(file, "profile");
	if (!is_slug(json_string(file, "automaker")) || !is_slug(json_string(file, "carrier")))
		return status_fail(ST_INVALID, "automaker and carrier want 1 to 40 of a-z, 0-9 and -");
	if (!is_name(json_string(file, "name")))
		return status_fail(ST_INVALID, "name wants 1 to %d characters", NAME_CHARACTERS_MAX);
	if (text_empty(platform) || strlen(platform) > 64 || strpbrk(platform, " \t\r\n"))
		return status_fail(ST_INVALID, "platform_id wants 1 to 64 characters without blanks");
	text = cJSON_IsObject(object) ? printed(c, object) : NULL;
	if (!text)
		return status_fail(ST_INVALID, "profile wants an object");
	if ((st = t1_profile_parse(&profile, c->a, text)) != ST_OK || (st = db_begin(c->db)) != ST_OK)
		return st;
	st = save_carrier(c, file, text, &id);
	if (st == ST_OK)
		st = record(c, "carrier.loaded", arena_printf(c->a, "carrier_connection:%s", id), file);
	st = command_end(c, st);
	if (st == ST_OK)
		fprintf(c->out, "carrier %s: platform %s\n", json_string(file, "carrier"), command_shown(c->a, platform));
	return st;
}

enum status verb_carrier_list(struct command *c)
{
	struct db_result *r;
	enum status st = db_query(
		c->db, c->a, &r,
		"SELECT k.slug, k.name, m.slug AS automaker, n.platform_id, extract(epoch FROM n.suspended_at)::bigint AS suspended_at, "
		"n.suspended_reason, (SELECT count(*) FROM t1_message t WHERE t.connection_id = n.id AND t.state IN ('waiting', 'sent', 'accepted')) "
		"AS open "
		"FROM carrier k LEFT JOIN carrier_connection n ON n.carrier_id = k.id LEFT JOIN automaker m ON m.id = n.automaker_id "
		"ORDER BY k.slug, m.slug");

	if (st != ST_OK)
		return st;
	fprintf(c->out, "carrier\tautomaker\tplatform\topen messages\tstate\tname\n");
	for (int i = 0; i < db_rows(r); i++) {
		int64_t since = db_int(r, i, "suspended_at");

		fprintf(c->out, "%s\t%s\t%s\t%" PRId64 "\t%s\t%s\n", db_text(r, i, "slug"), command_shown(c->a, db_text(r, i, "automaker")),
			command_shown(c->a, db_text(r, i, "platform_id")), db_int(r, i, "open"),
			since ? arena_printf(c->a, "suspended since %s (%s)", clock_page(c->a, since),
					     command_shown(c->a, db_text(r, i, "suspended_reason")))
			      : "serving",
			command_shown(c->a, db_text(r, i, "name")));
	}
	return ST_OK;
}

/* The messages that waited for the credential are due at once. */
static enum status wake_messages(struct command *c, const char *connection_id)
{
	return db_query(
		c->db, c->a, NULL,
		"WITH woken AS (UPDATE job SET run_at = now() WHERE lane = 't1:' || $1 AND dead_at IS NULL AND claim IS NULL RETURNING id) "
		"SELECT pg_notify('job_t1', '') FROM (SELECT FROM woken LIMIT 1) any_woken",
		DB_TEXT(connection_id));
}

enum status verb_carrier_resume(struct command *c)
{
	const char *slug = command_given(c, "CARRIER");
	struct db_result *r;
	enum status st = db_begin(c->db);

	if (st == ST_OK)
		st = db_query(c->db, c->a, &r,
			      "UPDATE carrier_connection n SET suspended_at = NULL, suspended_reason = NULL FROM carrier k "
			      "WHERE k.id = n.carrier_id AND k.slug = $1 AND n.suspended_at IS NOT NULL RETURNING n.id",
			      DB_TEXT(slug));
	if (st == ST_OK && db_rows(r) == 0)
		st = status_fail(ST_CONFLICT, "no connection to a carrier %.40s is suspended", slug);
	for (int i = 0; st == ST_OK && i < db_rows(r); i++) {
		const char *id = db_text(r, i, "id");

		st = wake_messages(c, id);
		if (st == ST_OK)
			st = audit_write(c->db, c->a, &c->actor, "carrier.resumed", NULL, arena_printf(c->a, "carrier_connection:%s", id),
					 "ok", NULL);
	}
	st = command_end(c, st);
	if (st == ST_OK)
		fprintf(c->out, "carrier %s: messages go on\n", slug);
	return st;
}
