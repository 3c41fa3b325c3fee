/* The one status type. A function that can fail returns enum status; outputs are set only on ST_OK.
 * The message is recorded once, where the failure is first seen, and is for logs only: it never
 * holds personal data and is never shown to a user. */
#ifndef BASE_STATUS_H
#define BASE_STATUS_H

enum status {
	ST_OK = 0,
	ST_NOT_FOUND,   /* the thing asked for does not exist, or is not the asker's */
	ST_INVALID,     /* input breaks a rule */
	ST_CONFLICT,    /* a unique rule or a state forbids it */
	ST_DENIED,      /* not allowed for this caller */
	ST_LIMIT,       /* too many, too often, too large */
	ST_BUSY,        /* try again: lock, serialization, slot */
	ST_UNAVAILABLE, /* a part that we depend on is away (database, store, provider) */
	ST_ERROR,       /* everything else; a bug or a broken machine */
	ST_MAX
};

#define MUST_CHECK __attribute__((warn_unused_result))
#define PRINTF_LIKE(f, a) __attribute__((format(printf, f, a)))

/* Records a one-line message (cut at 255 bytes) for the log and returns code. */
enum status status_fail(enum status code, const char *format, ...) PRINTF_LIKE(2, 3);

/* The message of the last status_fail of this process, "" when there was none. Borrowed. */
const char *status_message(void);

/* A short stable name for logs: "ok", "not_found", ... */
const char *status_name(enum status code);

#endif
