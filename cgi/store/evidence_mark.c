/* The mark of the evidence store: see evidence_mark.h. It does not know what is done about a database that does not fit. */
#include "store/evidence_mark.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/crypt.h"
#include "base/file.h"
#include "base/log.h"
#include "base/text.h"

#define MARK_MAX 100
#define LINK "sequence || ' ' || encode(hash, 'hex') AS mark FROM audit_chain "

/* Durable before it has its name: a mark that is cut off would fit no database. */
static enum status renew(struct arena *a, const char *path, const char *mark)
{
	const char *part = arena_printf(a, "%s.%s.part", path, crypt_token(a)); /* another machine may write it too */
	ssize_t length = (ssize_t)strlen(mark);
	int fd = open(part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return status_fail(ST_UNAVAILABLE, "evidence: mark: %s", strerror(errno));
	bool written = write(fd, mark, (size_t)length) == length && fsync(fd) == 0;
	close(fd);
	if (written && rename(part, path) == 0)
		return ST_OK;
	int why = errno;
	unlink(part);
	return status_fail(ST_UNAVAILABLE, "evidence: mark: %s", strerror(why));
}

enum status evidence_mark_check(struct db *db, struct arena *a, const char *folder)
{
	struct db_result *r;
	char *path = arena_printf(a, "%s/" EVIDENCE_MARK, folder), *mark = NULL;
	enum status st = file_read_text(a, path, MARK_MAX, &mark, NULL);
	if (st != ST_OK && st != ST_NOT_FOUND)
		return st;
	if (mark && !*mark)
		return status_fail(ST_CONFLICT, "the mark of the evidence store is empty");
	if (mark) {
		st = db_query(db, a, &r, "SELECT " LINK "WHERE sequence = $1", DB_INT(strtoll(mark, NULL, 10)));
		if (st != ST_OK)
			return st;
		if (db_rows(r) == 0 || !text_equal(db_text(r, 0, "mark"), mark))
			return status_fail(ST_CONFLICT, "the database is older than the evidence store, or another one");
	}
	st = db_query(db, a, &r, "SELECT " LINK "ORDER BY sequence DESC LIMIT 1");
	if (st != ST_OK || db_rows(r) == 0 || text_equal(db_text(r, 0, "mark"), mark))
		return st;
	st = renew(a, path, db_text(r, 0, "mark"));
	if (st == ST_OK || !mark)
		return st;
	/* The database fits: what frees room goes on on a full disk. */
	log_warn("evidence", "the mark of the store stays an older one: %s", status_message());
	return ST_OK;
}
