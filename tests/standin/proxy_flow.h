/* One connection through the proxy: two flows of bytes between two sockets, and what the rules do to them. Knows nothing of listening. */
#ifndef STANDIN_PROXY_FLOW_H
#define STANDIN_PROXY_FLOW_H

#include "proxy_rules.h"

struct chunk {
	struct chunk *next;
	int64_t due_us; /* not before that */
	size_t length, at;
	char bytes[];
};

struct flow {
	struct chunk *first, *last;
	size_t queued;
	uint64_t passed;
	bool ended, closed;   /* nothing more comes in; the other side was told so */
	bool full;            /* the socket it goes to takes nothing more */
	int64_t next_us;      /* not before that: a slice, a slow link, a slow end */
	char tail[RULE_NAME]; /* the last bytes, for a text that comes in two reads */
	size_t tail_length;
};

struct taken {
	uint64_t serial;    /* of the rule in the same place */
	uint64_t passed[2]; /* what its flows had before */
	int64_t since_us;
	bool told;
};

struct connection {
	struct connection *next;
	uint64_t number;
	const char *link;
	int fd[2]; /* [STREAM_UP]: who connected; [STREAM_DOWN]: who serves */
	bool connecting;
	bool left; /* who serves has ended its side, and that was told */
	struct flow flow[2]; /* [STREAM_UP] is read from fd[STREAM_UP] */
	struct taken taken[RULES_MAX];
	const char *over; /* who ended it, once it is over: nothing more is done with it */
	bool reset;       /* ended by a reset */
};

/* Told once for each rule and connection, when the rule has an effect. */
typedef void (*flow_struck)(const struct connection *c, const struct rule *rule);

/* There is something to read, or an end, at this side. */
void flow_read(struct connection *c, struct rules *rules, enum stream side, int64_t now_us, flow_struck struck);
/* Passes on what can be passed on now; when to come again, or INT64_MAX for when a socket is ready. */
int64_t flow_pump(struct connection *c, struct rules *rules, int64_t now_us, flow_struck struck);
bool flow_wants_read(const struct connection *c, enum stream side);
bool flow_wants_write(const struct connection *c, enum stream side);
/* Closes both sockets and forgets what is held. */
void flow_close(struct connection *c);

#endif
