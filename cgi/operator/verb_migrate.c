/* Migrations: NNNN_name.sql of sql_dir in order, each in one transaction with its row in schema_migration. */
#include <dirent.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "operator/verbs.h"

#define FILES_MAX 1000
#define FILE_BYTES_MAX ((size_t)4 * 1024 * 1024)
#define LOCK 7302 /* advisory lock of whoever migrates */
#define VERSION_DIGITS 4

struct migration {
	int version;
	const char *name; /* of the file */
};

static int by_version(const void *one, const void *other)
{
	return ((const struct migration *)one)->version - ((const struct migration *)other)->version;
}

/* 0 when the name is not that of a migration. */
static int version_of(const char *name)
{
	size_t length = strlen(name);

	if (length < VERSION_DIGITS + 6 || strspn(name, "0123456789") != VERSION_DIGITS || name[VERSION_DIGITS] != '_' ||
	    strcmp(name + length - 4, ".sql") != 0)
		return 0;
	return atoi(name);
}

static enum status list_files(struct command *c, struct migration *files, int *count)
{
	DIR *folder = opendir(c->config->sql_dir);
	struct dirent *entry;
	enum status st = ST_OK;

	*count = 0;
	if (!folder)
		return status_fail(ST_INVALID, "the folder of the migrations (setting sql_dir) cannot be opened: %s", c->config->sql_dir);
	while ((entry = readdir(folder)) && st == ST_OK) {
		int version = version_of(entry->d_name);

		if (version == 0)
			continue;
		if (*count == FILES_MAX)
			st = status_fail(ST_LIMIT, "more than %d migrations", FILES_MAX);
		else
			files[(*count)++] = (struct migration){version, arena_strdup(c->a, entry->d_name)};
	}
	closedir(folder);
	if (st != ST_OK)
		return st;
	if (*count == 0)
		return status_fail(ST_INVALID, "no migration in %s", c->config->sql_dir);
	qsort(files, (size_t)*count, sizeof *files, by_version);
	for (int i = 1; i < *count; i++)
		if (files[i].version == files[i - 1].version)
			return status_fail(ST_INVALID, "%s and %s have the same number", files[i - 1].name, files[i].name);
	return ST_OK;
}

/* Waits at most a minute for another migration to end. The lock ends with the connection. */
static enum status prepare(struct command *c)
{
	enum status st = db_script(c->db, "SET lock_timeout = '60s'; SET statement_timeout = 0; SET client_min_messages = warning");

	if (st == ST_OK)
		st = db_query(c->db, c->a, NULL, "SELECT pg_advisory_lock($1)", DB_INT(LOCK));
	if (st == ST_OK)
		st = db_script(c->db, "CREATE TABLE IF NOT EXISTS schema_migration (version integer PRIMARY KEY, name text NOT NULL, "
				      "sha256 bytea NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())");
	return st;
}

/* What is applied must be there as it was. */
static enum status check_applied(struct command *c, const struct migration *files, int count, struct db_result **applied)
{
	enum status st = db_query(c->db, c->a, applied, "SELECT version, name, sha256 FROM schema_migration ORDER BY version");

	for (int i = 0; st == ST_OK && i < db_rows(*applied); i++) {
		int k = 0;

		while (k < count && files[k].version != db_int(*applied, i, "version"))
			k++;
		if (k == count)
			return status_fail(ST_CONFLICT, "the database is newer than this program: %s is applied, but not in %s",
					   db_text(*applied, i, "name"), c->config->sql_dir);
	}
	return st;
}

static enum status apply(struct command *c, const struct migration *m, const char *sql, struct bytes sha256)
{
	enum status st = db_begin(c->db);

	if (st == ST_OK)
		st = db_script(c->db, sql);
	if (st == ST_OK)
		st = db_query(c->db, c->a, NULL, "INSERT INTO schema_migration (version, name, sha256) VALUES ($1, $2, $3)",
			      DB_INT(m->version), DB_TEXT(m->name), DB_BYTES(sha256));
	st = command_end(c, st);
	if (st == ST_OK)
		fprintf(c->out, "applied %s\n", m->name);
	return st == ST_OK ? ST_OK : status_fail(st, "%s: %s", m->name, arena_strdup(c->a, status_message()));
}

/* Applies it unless it is applied, then its bytes must be the same. */
static enum status step(struct command *c, const struct migration *m, const struct db_result *applied, int *done)
{
	unsigned char hash[CRYPT_HASH_SIZE];
	char *sql;
	enum status st = file_read_text(c->a, arena_printf(c->a, "%s/%s", c->config->sql_dir, m->name), FILE_BYTES_MAX, &sql, NULL);

	if (st != ST_OK)
		return st;
	crypt_sha256(hash, sql, strlen(sql));
	for (int i = 0; i < db_rows(applied); i++) {
		struct bytes known;

		if (db_int(applied, i, "version") != m->version)
			continue;
		known = db_bytes(applied, i, "sha256");
		if (known.length == sizeof hash && memcmp(known.data, hash, sizeof hash) == 0)
			return ST_OK;
		return status_fail(ST_CONFLICT, "%s was changed after it was applied: add a new migration instead", m->name);
	}
	*done += 1;
	return apply(c, m, sql, (struct bytes){hash, sizeof hash});
}

enum status verb_migrate(struct command *c)
{
	struct migration *files = arena_alloc(c->a, FILES_MAX * sizeof *files);
	struct db_result *applied;
	int count, done = 0;
	enum status st = list_files(c, files, &count);

	if (st == ST_OK)
		st = prepare(c);
	if (st == ST_OK)
		st = check_applied(c, files, count, &applied);
	for (int i = 0; st == ST_OK && i < count; i++)
		st = step(c, &files[i], applied, &done);
	if (st == ST_OK && done == 0)
		fprintf(c->out, "nothing to do: %d migrations are applied\n", count);
	return st;
}
