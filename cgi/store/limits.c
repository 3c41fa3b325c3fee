/* Limits: the table of what is counted, over how long, and the setting that holds the number. */
#include "store/limits.h"

#include <arpa/inet.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"

struct limit {
	const char *kind;
	size_t maximum; /* offset of the int in struct config; 0: fixed at 1 */
	size_t window;  /* offset of the int; 0: one unit */
	int window_unit_s;
	const char *alarm; /* event of the alarm when it is reached, once an hour; NULL: none */
};

#define SETTING(name) offsetof(struct config, name)
#define HOUR 3600
#define DAY 86400

/* Limits of one kind are all checked; the kind is also what the event is stored under. */
static const struct limit limits[] = {
	/* Codes: the time between two is one for all, since networks refuse more to a number. The rest are two budgets: for applications, and
	 * for the sign-in, where anybody may type anybody's number. Neither can be used up through the other. */
	{"sms.phone", 0, SETTING(sms_resend_s), 1, NULL},
	{"sms.vin", SETTING(sms_vin_day), 0, DAY, NULL},
	{"draft.phone", SETTING(sms_phone_hour), 0, HOUR, NULL},
	{"draft.phone", SETTING(sms_phone_day), 0, DAY, NULL},
	{"draft.address", SETTING(sms_address_hour), 0, HOUR, "sms_network"},
	{"draft.all", SETTING(sms_budget_day), 0, DAY, "sms_budget"},
	{"signin.phone", SETTING(signin_phone_hour), 0, HOUR, NULL},
	{"signin.phone", SETTING(signin_phone_day), 0, DAY, NULL},
	{"signin.address", SETTING(signin_address_hour), 0, HOUR, "sms_network"},
	{"signin.all", SETTING(signin_budget_day), 0, DAY, "sms_budget"},
	/* Wrong proofs lock the VIN for the address that gave them, and only slow it for others. */
	{"proof.pair", SETTING(proof_tries), SETTING(proof_lock_minutes), 60, NULL},
	{"proof.address", SETTING(proof_address_hour), 0, HOUR, NULL},
	{"upload.draft", SETTING(upload_draft_hour), 0, HOUR, NULL},
	{"handover", SETTING(handover_hour), 0, HOUR, NULL},
	{"entry.wrong", SETTING(entry_wrong_hour), 0, HOUR, NULL},
	{"reading", SETTING(reading_tries), SETTING(tries_hours), HOUR, NULL},
	{"records.older", SETTING(records_tries), 0, DAY, NULL},
	{"records.action", SETTING(records_actions_day), 0, DAY, NULL},
	{"liveness", SETTING(liveness_tries), SETTING(tries_hours), HOUR, NULL},
	{"company.open", SETTING(company_openings_day), 0, DAY, NULL},
	{"member.added", SETTING(company_members_day), 0, DAY, NULL},
	{"complaint.address", SETTING(complaint_address_day), 0, DAY, NULL},
	/* Wrong tries only: four digits of a phone must not be found by trying. */
	{"complaint.follow", SETTING(complaint_follow_hour), 0, HOUR, NULL},
	{"complaint.number", SETTING(complaint_follow_hour), 0, HOUR, NULL},
	{"own.proof", SETTING(own_proof_tries), 0, DAY, NULL},
	{"own.copy", SETTING(own_copies_day), 0, DAY, NULL},
};

char *limit_network(struct arena *a, const char *address)
{
	struct in6_addr six;
	char text[INET6_ADDRSTRLEN];

	if (inet_pton(AF_INET6, address, &six) != 1)
		return arena_strdup(a, address);
	if (IN6_IS_ADDR_V4MAPPED(&six))
		return arena_strdup(a, inet_ntop(AF_INET, &six.s6_addr[12], text, sizeof text));
	memset(&six.s6_addr[8], 0, 8);
	return arena_printf(a, "%s/64", inet_ntop(AF_INET6, &six, text, sizeof text));
}

static int setting(const struct config *c, size_t offset)
{
	int value;

	memcpy(&value, (const char *)c + offset, sizeof value);
	return value;
}

static struct bytes key_of(struct arena *a, const struct keys *keys, const struct limit_key *k)
{
	return crypt_lookup(a, keys_current(&keys->lookup), k->kind, k->value);
}

/* Once an hour for a kind, however many addresses reach it: kept where all processes see it. The address stays out of the log. */
static enum status alarm_once(struct db *db, struct arena *a, const struct keys *keys, const struct limit *l, int maximum)
{
	const struct limit_key told = {"alarm", l->kind};
	struct db_result *r;
	enum status st = db_query(db, a, &r,
	                          "INSERT INTO attempt (kind, key) SELECT 'alarm', $1 WHERE NOT EXISTS"
	                          " (SELECT FROM attempt WHERE kind = 'alarm' AND key = $1 AND at > now() - interval '1 hour')",
	                          DB_BYTES(key_of(a, keys, &told)));

	if (st == ST_OK && db_affected(r) > 0)
		log_alarm(l->alarm, "limit=%s maximum=%d", l->kind, maximum);
	return st;
}

static int by_kind(const void *one, const void *other)
{
	return strcmp(((const struct limit_key *)one)->kind, ((const struct limit_key *)other)->kind);
}

enum status limits_check(struct db *db, struct arena *a, const struct config *config, const struct keys *keys, const struct limit_key *wanted, int count,
                         struct limit_refusal *out)
{
	struct limit_key sorted[LIMIT_KEYS_MAX];
	struct db_result *r;
	enum status st;

	*out = (struct limit_refusal){.left = 1000000};
	memcpy(sorted, wanted, (size_t)count * sizeof *sorted);
	qsort(sorted, (size_t)count, sizeof *sorted, by_kind); /* one order of locks for everybody */
	for (int k = 0; k < count; k++) {
		struct bytes key = key_of(a, keys, &sorted[k]);

		st = db_query(db, a, NULL, "SELECT pg_advisory_xact_lock(hashtext($1), hashtext(encode($2::bytea, 'hex')))", DB_TEXT(sorted[k].kind),
		              DB_BYTES(key));
		if (st != ST_OK)
			return st;
		for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
			const struct limit *l = &limits[i];
			int maximum, window;

			if (strcmp(l->kind, sorted[k].kind) != 0)
				continue;
			maximum = l->maximum ? setting(config, l->maximum) : 1;
			window = (l->window ? setting(config, l->window) : 1) * l->window_unit_s;
			if (window <= 0)
				continue;
			/* The event that has to grow old before one more is allowed, if there is one. */
			st = db_query(db, a, &r,
			              "SELECT ceil(extract(epoch FROM at))::bigint AS at FROM attempt WHERE kind = $1 AND key = $2 AND at > now() - make_interval(secs => $3::integer)"
			              " ORDER BY at DESC OFFSET greatest($4::integer, 1) - 1 LIMIT 1",
			              DB_TEXT(l->kind), DB_BYTES(key), DB_INT(window), DB_INT(maximum));
			if (st != ST_OK)
				return st;
			if (db_rows(r) > 0 || maximum <= 0) {
				int64_t until = (db_rows(r) > 0 ? db_int(r, 0, "at") : 0) + window;

				if (!out->kind || until > out->until) {
					out->kind = l->kind;
					out->until = until;
				}
				out->left = 0;
				st = l->alarm ? alarm_once(db, a, keys, l, maximum) : ST_OK;
				if (st != ST_OK)
					return st;
			} else {
				st = db_query(db, a, &r,
				              "SELECT count(*) AS used FROM attempt WHERE kind = $1 AND key = $2 AND at > now() - make_interval(secs => "
				              "$3::integer)",
				              DB_TEXT(l->kind), DB_BYTES(key), DB_INT(window));
				if (st != ST_OK)
					return st;
				if (maximum - (int)db_int(r, 0, "used") < out->left)
					out->left = maximum - (int)db_int(r, 0, "used");
			}
		}
	}
	return ST_OK;
}

enum status limits_record(struct db *db, struct arena *a, const struct keys *keys, const struct limit_key *events, int count)
{
	for (int i = 0; i < count; i++) {
		enum status st = db_query(db, a, NULL, "INSERT INTO attempt (kind, key) VALUES ($1, $2)", DB_TEXT(events[i].kind),
		                          DB_BYTES(key_of(a, keys, &events[i])));

		if (st != ST_OK)
			return st;
	}
	return ST_OK;
}

enum status limits_give_back(struct db *db, struct arena *a, const struct keys *keys, const struct limit_key *event)
{
	return db_query(db, a, NULL, "SELECT attempt_back($1, $2)", DB_TEXT(event->kind), DB_BYTES(key_of(a, keys, event)));
}
