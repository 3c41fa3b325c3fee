/* Agreement texts: rows that never change. A new text is a new version; what was agreed keeps its hash. */
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "operator/verbs.h"

#define FILE_BYTES_MAX ((size_t)512 * 1024)
#define TITLE_CHARACTERS_MAX 60
#define VERSION_BYTES_MAX 32
#define VERSION_WORD "version: "

/* As in the CHECK of agreement_text.kind. */
static const char *const kinds[] = {"network", "responsibility", "personal_information", "privacy_notice", "face", "cancellation", "allocation"};
#define KINDS (sizeof kinds / sizeof kinds[0])

struct text {
	const char *title, *version, *body;
	unsigned char sha256[CRYPT_HASH_SIZE]; /* of the body's bytes */
};

/* Line ends become '\n', in place. */
static void unify_lines(char *text)
{
	char *to = text;

	for (const char *from = text; *from; from++)
		if (from[0] != '\r')
			*to++ = *from;
		else if (from[1] != '\n')
			*to++ = '\n';
	*to = '\0';
}

static enum status read_text(struct command *c, const char *path, struct text *out)
{
	char *text, *rest;
	enum status st = file_read_text(c->a, path, FILE_BYTES_MAX, &text, NULL);

	if (st != ST_OK)
		return st;
	if (!text_is_utf8(text, strlen(text)))
		return status_fail(ST_INVALID, "%s: not UTF-8", path);
	rest = text_prefix(text, "\xef\xbb\xbf") ? text + 3 : text;
	unify_lines(rest);
	out->title = text_clean(c->a, strsep(&rest, "\n"));
	out->version = rest ? strsep(&rest, "\n") : "";
	if (text_empty(out->title) || text_characters(out->title) > TITLE_CHARACTERS_MAX)
		return status_fail(ST_INVALID, "%s: line 1 wants a title of 1 to %d characters", path, TITLE_CHARACTERS_MAX);
	if (!text_prefix(out->version, VERSION_WORD))
		return status_fail(ST_INVALID, "%s: line 2 wants \"" VERSION_WORD "X\"", path);
	out->version = text_clean(c->a, out->version + strlen(VERSION_WORD));
	if (text_empty(out->version) || strlen(out->version) > VERSION_BYTES_MAX ||
	    out->version[strspn(out->version, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-")])
		return status_fail(ST_INVALID, "%s: the version wants 1 to %d letters, digits, dots and hyphens", path, VERSION_BYTES_MAX);
	if (rest)
		rest += strspn(rest, "\n");
	if (text_empty(rest))
		return status_fail(ST_INVALID, "%s: there is no text behind line 2", path);
	out->body = rest;
	crypt_sha256(out->sha256, rest, strlen(rest));
	return ST_OK;
}

/* The version is there already: fine when it is the same text. */
static enum status same_text(struct command *c, const char *kind, const struct text *t)
{
	struct db_result *r;
	struct bytes known;
	enum status st = db_query(c->db, c->a, &r,
				  "SELECT t.title, t.sha256 FROM agreement_text t JOIN automaker m ON m.id = t.automaker_id "
				  "WHERE m.slug = $1 AND t.kind = $2 AND t.version = $3",
				  DB_TEXT(c->config->automaker), DB_TEXT(kind), DB_TEXT(t->version));

	if (st != ST_OK)
		return st;
	if (db_rows(r) == 0)
		return status_fail(ST_NOT_FOUND, "there is no automaker %s (setting automaker): load it first", c->config->automaker);
	known = db_bytes(r, 0, "sha256");
	if (known.length != sizeof t->sha256 || memcmp(known.data, t->sha256, sizeof t->sha256) != 0 ||
	    !text_equal(db_text(r, 0, "title"), t->title))
		return status_fail(ST_CONFLICT, "%s version %s is there with another text: give the new text a new version", kind,
				   t->version);
	fprintf(c->out, "%s version %s is there already\n", kind, t->version);
	return ST_OK;
}

static enum status insert_text(struct command *c, const char *kind, const struct text *t, const char *from, bool *inserted)
{
	struct db_result *r;
	enum status st = db_begin(c->db);

	if (st == ST_OK)
		st = db_query(c->db, c->a, &r,
			      "INSERT INTO agreement_text (id, automaker_id, kind, version, title, body, sha256, valid_from) "
			      "SELECT $1, m.id, $3, $4, $5, $6, $7, coalesce($8::timestamp AT TIME ZONE 'Asia/Shanghai', now()) "
			      "FROM automaker m WHERE m.slug = $2 ON CONFLICT (automaker_id, kind, version) DO NOTHING RETURNING id",
			      DB_TEXT(crypt_uuid(c->a)), DB_TEXT(c->config->automaker), DB_TEXT(kind), DB_TEXT(t->version),
			      DB_TEXT(t->title), DB_TEXT(t->body), DB_BYTES(((struct bytes){t->sha256, sizeof t->sha256})), DB_TEXT(from));
	if (st == ST_OK && db_rows(r) == 1)
		st = audit_write(c->db, c->a, &c->actor, "agreement.loaded", NULL,
				 arena_printf(c->a, "agreement_text:%s", db_text(r, 0, "id")), "ok", NULL);
	*inserted = st == ST_OK && db_rows(r) == 1;
	return command_end(c, st);
}

static bool is_kind(const char *name)
{
	for (size_t i = 0; i < KINDS; i++)
		if (strcmp(kinds[i], name) == 0)
			return true;
	return false;
}

enum status verb_agreement_load(struct command *c)
{
	const char *kind = command_given(c, "KIND"), *from = command_given(c, "--from");
	struct text t;
	struct date day;
	bool inserted;
	enum status st;

	if (!is_kind(kind))
		return command_usage(c, "KIND is one of network, responsibility, personal_information, privacy_notice, face, cancellation, allocation");
	if (from && !date_parse(&day, from))
		return command_usage(c, "--from wants a day, for example 2026-12-01");
	if ((st = read_text(c, command_given(c, "FILE"), &t)) != ST_OK)
		return st;
	if ((st = insert_text(c, kind, &t, from ? date_iso(c->a, day) : NULL, &inserted)) != ST_OK)
		return st;
	if (!inserted)
		return same_text(c, kind, &t);
	fprintf(c->out, "%s version %s, SHA-256 %s\n", kind, t.version, hex_encode(c->a, t.sha256, sizeof t.sha256));
	return ST_OK;
}

enum status verb_agreement_list(struct command *c)
{
	struct db_result *r;
	enum status st =
		db_query(c->db, c->a, &r,
			 "SELECT t.kind, t.version, t.title, t.sha256, extract(epoch FROM t.valid_from)::bigint AS valid_from, "
			 "EXISTS (SELECT FROM agreement_shown s WHERE s.id = t.id) AS shown FROM agreement_text t "
			 "JOIN automaker m ON m.id = t.automaker_id WHERE m.slug = $1 ORDER BY t.kind, t.valid_from, t.loaded_at, t.version",
			 DB_TEXT(c->config->automaker));

	if (st != ST_OK)
		return st;
	fprintf(c->out, "\tkind\tversion\tvalid from\tSHA-256\ttitle\n");
	for (int i = 0; i < db_rows(r); i++) {
		struct bytes sha256 = db_bytes(r, i, "sha256");

		fprintf(c->out, "%s\t%s\t%s\t%s\t%s\t%s\n", db_bool(r, i, "shown") ? "*" : "", db_text(r, i, "kind"),
			db_text(r, i, "version"), clock_page(c->a, db_int(r, i, "valid_from")),
			hex_encode(c->a, sha256.data, sha256.length), command_shown(c->a, db_text(r, i, "title")));
	}
	return ST_OK;
}

/* In the form that agreement load reads. The hash is that of what stands behind the empty line, byte for byte. */
enum status verb_agreement_show(struct command *c)
{
	const char *kind = command_given(c, "KIND"), *version = command_given(c, "VERSION"), *body;
	unsigned char sha256[CRYPT_HASH_SIZE];
	struct db_result *r;
	struct bytes known;
	enum status st = db_query(c->db, c->a, &r,
				  "SELECT t.title, t.body, t.sha256 FROM agreement_text t JOIN automaker m ON m.id = t.automaker_id "
				  "WHERE m.slug = $1 AND t.kind = $2 AND t.version = $3",
				  DB_TEXT(c->config->automaker), DB_TEXT(kind), DB_TEXT(version));

	if (st != ST_OK)
		return st;
	if (db_rows(r) == 0)
		return status_fail(ST_NOT_FOUND, "there is no %.40s version %.40s: agreement list", kind, version);
	body = db_text(r, 0, "body");
	known = db_bytes(r, 0, "sha256");
	crypt_sha256(sha256, body, strlen(body));
	if (known.length != sizeof sha256 || memcmp(known.data, sha256, sizeof sha256) != 0)
		return status_fail(ST_CONFLICT, "%s version %s: its SHA-256 is that of another text; this one was changed", kind, version);
	fprintf(c->out, "%s\n" VERSION_WORD "%s\n\n%s", db_text(r, 0, "title"), version, body);
	return ST_OK;
}
