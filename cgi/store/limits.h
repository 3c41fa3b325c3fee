/* Limits counted in PostgreSQL, so that they hold over processes and hosts: one table of limits (limits.c), one row an event. */
#ifndef STORE_LIMITS_H
#define STORE_LIMITS_H

#include "base/config.h"
#include "db/db.h"

/* What an event is counted under: kind as in the table of limits, value is hashed before it is stored. */
struct limit_key {
	const char *kind;
	const char *value;
};
#define LIMIT_KEYS_MAX 6

/* What one customer of a network has: an IPv4 address as it is, of an IPv6 address the 64 bits in front ("2001:db8:1:2::/64"), since
 * the rest is the customer's own to change with every request. A text that is no address stays as it is. Arena. */
char *limit_network(struct arena *a, const char *address);

struct limit_refusal {
	const char *kind;  /* the limit that said no; NULL: allowed */
	int64_t until;     /* when it will allow again, UTC seconds */
	int left;          /* tries left under the tightest limit of the keys asked for */
};

/* Whether one more event of every key is allowed now. Takes a transaction lock per key, so that two requests cannot both take the
 * last place: call inside the transaction that records it. */
enum status limits_check(struct db *db, struct arena *a, const struct config *config, const struct keys *keys, const struct limit_key *wanted, int count,
                         struct limit_refusal *out) MUST_CHECK;
/* Takes back the newest event of a network address (attempt_back in sql/ names the kinds) that turned out to be a person's. In the caller's transaction. */
enum status limits_give_back(struct db *db, struct arena *a, const struct keys *keys, const struct limit_key *event) MUST_CHECK;
/* Records one event under every key. */
enum status limits_record(struct db *db, struct arena *a, const struct keys *keys, const struct limit_key *events, int count) MUST_CHECK;

#endif
