/* The faults of a link: DIR/script.json of the proxy, an array of rules, read again when it changes. README.md has the format. Knows
 * nothing of sockets. */
#ifndef STANDIN_PROXY_RULES_H
#define STANDIN_PROXY_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RULES_MAX 64
#define RULE_NAME 64

enum toxic {
	TOXIC_LATENCY,
	TOXIC_DOWN,
	TOXIC_BANDWIDTH,
	TOXIC_SLOW_CLOSE,
	TOXIC_TIMEOUT,
	TOXIC_RESET_PEER,
	TOXIC_SLICER,
	TOXIC_LIMIT_DATA
};
enum stream { STREAM_UP, STREAM_DOWN, STREAM_BOTH }; /* up: from who connects to who serves */

struct rule {
	uint64_t serial; /* 0: nothing in this place; another number for each rule that ever was */
	char id[RULE_NAME], link[RULE_NAME], contains[RULE_NAME];
	enum toxic toxic;
	enum stream stream;
	long times; /* connections that it may still take, -1 for ever */
	long value, spread, delay_ms;
};

/* The rules in their places: a rule whose id stays keeps its place and what is left of its times. */
struct rules {
	struct rule rule[RULES_MAX];
	uint64_t serials;
};

/* Reads the file; one that is not there is no rules. False, with a line on stderr, when it is at fault: the rules before stay. */
bool rules_load(struct rules *rules, const char *path);
const char *toxic_name(enum toxic toxic);
bool rule_is_for(const struct rule *rule, const char *link);

#endif
