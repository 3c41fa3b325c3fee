/* Files of the evidence store that no living row names. What a row says was deleted goes; what no row knows may be the only copy, when the
 * database was set back: it is put aside first. It knows nothing of what a file shows. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "jobs/maintenance.h"
#include "store/evidence.h"

#define BATCH 500
#define STORAGE_KEY_SIZE 43
#define DAY_S 86400
#define ORPHANS "orphans"
#define ORPHAN_DAYS 30

struct sweep {
	struct db *db;
	const char *folder, *orphans;
	char names[BATCH][STORAGE_KEY_SIZE + 1];
	int count;
	long removed, put_aside, put_back;
};

static bool is_storage_key(const char *name)
{
	return strlen(name) == STORAGE_KEY_SIZE &&
	       strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") == STORAGE_KEY_SIZE;
}

/* Its days begin now, whatever its age. */
static enum status put_aside(struct sweep *s, struct arena *a, const char *name)
{
	const char *path = arena_printf(a, "%s/%.2s/%s", s->folder, name, name);
	if (mkdir(s->orphans, 0700) != 0 && errno != EEXIST)
		return status_fail(ST_UNAVAILABLE, "sweep: make folder: %s", strerror(errno));
	if ((utimensat(AT_FDCWD, path, NULL, 0) != 0 || rename(path, arena_printf(a, "%s/%s", s->orphans, name)) != 0) && errno != ENOENT)
		return status_fail(ST_UNAVAILABLE, "sweep: put aside: %s", strerror(errno));
	s->put_aside++;
	return ST_OK;
}

/* The collected names, as a PostgreSQL array. */
static const char *collected(struct sweep *s, struct arena *a)
{
	struct buffer names;
	buffer_init(&names, a, (size_t)BATCH * (STORAGE_KEY_SIZE + 4));
	for (int i = 0; i < s->count; i++)
		buffer_printf(&names, "%s\"%s\"", i ? "," : "{", s->names[i]);
	buffer_text(&names, "}");
	return names.data;
}

/* Asks about the collected files, and acts on each row of the answer. */
static enum status judge(struct sweep *s, const char *query, enum status (*act)(struct sweep *s, struct arena *a, struct db_result *r, int i))
{
	struct arena *a = arena_create();
	struct db_result *r;
	enum status st = s->count ? db_query(s->db, a, &r, query, DB_TEXT(collected(s, a))) : ST_OK;
	for (int i = 0; s->count && st == ST_OK && i < db_rows(r); i++)
		st = act(s, a, r, i);
	s->count = 0;
	arena_destroy(a);
	return st;
}

static enum status sweep_one(struct sweep *s, struct arena *a, struct db_result *r, int i)
{
	if (!db_bool(r, i, "known"))
		return put_aside(s, a, db_text(r, i, "name"));
	enum status st = evidence_delete(s->folder, db_text(r, i, "name"));
	s->removed += st == ST_OK;
	return st;
}

static enum status sweep_batch(struct sweep *s)
{
	return judge(s,
		     "SELECT n.name, EXISTS (SELECT FROM evidence e WHERE e.storage_key = n.name) AS known FROM unnest($1::text[]) AS n (name) "
		     "WHERE NOT EXISTS (SELECT FROM evidence e WHERE e.storage_key = n.name AND e.deleted_at IS NULL) "
		     "AND NOT EXISTS (SELECT FROM upload_piece u WHERE u.storage_key = n.name)",
		     sweep_one);
}

static enum status collect(struct sweep *s, int folder, const char *name)
{
	size_t length = strlen(name);
	if (length > 5 && strcmp(name + length - 5, ".part") == 0) {
		s->removed += unlinkat(folder, name, 0) == 0;
	} else if (is_storage_key(name)) {
		memcpy(s->names[s->count++], name, sizeof(s->names[0]));
		if (s->count == BATCH)
			return sweep_batch(s);
	}
	return ST_OK;
}

static enum status put_back(struct sweep *s, struct arena *a, struct db_result *r, int i)
{
	const char *name = db_text(r, i, "name"), *folder = arena_printf(a, "%s/%.2s", s->folder, name);
	if ((mkdir(folder, 0700) != 0 && errno != EEXIST) ||
	    rename(arena_printf(a, "%s/%s", s->orphans, name), arena_printf(a, "%s/%s", folder, name)) != 0)
		return status_fail(ST_UNAVAILABLE, "sweep: put back: %s", strerror(errno));
	s->put_back++;
	return ST_OK;
}

/* The database that knows them may have come back since. */
static enum status orphans_back(struct sweep *s)
{
	return judge(s,
		     "SELECT n.name FROM unnest($1::text[]) AS n (name) WHERE EXISTS (SELECT FROM evidence e WHERE e.storage_key = n.name "
		     "AND e.deleted_at IS NULL) OR EXISTS (SELECT FROM upload_piece u WHERE u.storage_key = n.name)",
		     put_back);
}

static enum status collect_orphan(struct sweep *s, int folder, const char *name)
{
	(void)folder;
	if (!is_storage_key(name))
		return ST_OK;
	memcpy(s->names[s->count++], name, sizeof(s->names[0]));
	return s->count == BATCH ? orphans_back(s) : ST_OK;
}

static enum status drop_orphan(struct sweep *s, int folder, const char *name)
{
	s->removed += is_storage_key(name) && unlinkat(folder, name, 0) == 0;
	return ST_OK;
}

/* Each file of the folder that was not touched for so many seconds. */
static enum status old_files(struct sweep *s, const char *path, int64_t age, enum status (*take)(struct sweep *s, int folder, const char *name))
{
	enum status st = ST_OK;
	struct dirent *entry;
	struct stat info;
	int64_t limit = clock_now() - age;
	DIR *dir = opendir(path);
	if (!dir)
		return errno == ENOENT ? ST_OK : status_fail(ST_UNAVAILABLE, "sweep: %s", strerror(errno));
	while (st == ST_OK && (entry = readdir(dir)))
		if (fstatat(dirfd(dir), entry->d_name, &info, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(info.st_mode) && info.st_mtime <= limit)
			st = take(s, dirfd(dir), entry->d_name);
	closedir(dir);
	return st;
}

enum status maintain_sweep(struct db *db, struct arena *a, const struct config *config, const struct keys *keys)
{
	(void)keys;
	struct db_result *r;
	struct sweep *s = arena_alloc(a, sizeof(*s));
	struct dirent *entry;
	enum status st = db_query(db, a, &r, "SELECT EXISTS (SELECT FROM evidence) AS some");
	if (st != ST_OK)
		return st;
	/* an empty table beside a folder with old files is more likely a wrong database than lost rows */
	if (!db_bool(r, 0, "some"))
		return ST_OK;
	s->db = db;
	s->folder = config->evidence_dir;
	s->orphans = arena_printf(a, "%s/" ORPHANS, config->evidence_dir);
	DIR *dir = opendir(config->evidence_dir);
	if (!dir)
		return status_fail(ST_UNAVAILABLE, "sweep: %s", strerror(errno));
	while (st == ST_OK && (entry = readdir(dir)))
		if (strlen(entry->d_name) == 2 && entry->d_name[0] != '.')
			st = old_files(s, arena_printf(a, "%s/%s", config->evidence_dir, entry->d_name), DAY_S, collect);
	closedir(dir);
	if (st == ST_OK)
		st = old_files(s, config->evidence_dir, DAY_S, collect); /* left-over marks */
	if (st == ST_OK)
		st = sweep_batch(s);
	if (st == ST_OK)
		st = old_files(s, s->orphans, 0, collect_orphan);
	if (st == ST_OK)
		st = orphans_back(s);
	if (st == ST_OK)
		st = old_files(s, s->orphans, (int64_t)ORPHAN_DAYS * DAY_S, drop_orphan);
	if (s->put_aside > 0 || s->put_back > 0)
		log_warn("sweep", "removed=%ld put_aside=%ld put_back=%ld", s->removed, s->put_aside, s->put_back);
	else if (s->removed > 0)
		log_info("sweep", "removed=%ld", s->removed);
	return st;
}
