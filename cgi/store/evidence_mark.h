/* To which database the evidence store belongs. A file in the store, the mark, repeats a link of the audit chain of some minutes ago. A
 * database that does not have this link was set back to an earlier moment, or is another one: to it, what was written since then looks
 * like files without rows and drafts that ran out, and nothing may be removed on its word. */
#ifndef STORE_EVIDENCE_MARK_H
#define STORE_EVIDENCE_MARK_H

#include "db/db.h"

#define EVIDENCE_MARK "database_mark"

/* Compares, and renews the mark when they belong together. ST_CONFLICT when they do not, until people have removed the file. */
enum status evidence_mark_check(struct db *db, struct arena *a, const char *folder) MUST_CHECK;

#endif
