/* A rule takes a connection when data of its stream (which contains its text) come; from then on it holds for it. */
#include "proxy_flow.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define READ_SIZE 65536
#define QUEUED_MAX (1u << 20)
#define TICK_US 20000 /* a slow link passes something on so often */

static void is_over(struct connection *c, const char *who, bool reset)
{
	if (c->over)
		return;
	c->over = who;
	c->reset = reset;
}

static bool covers(const struct rule *rule, enum stream stream)
{
	return rule->stream == STREAM_BOTH || rule->stream == stream;
}

static void tell(struct connection *c, const struct rules *rules, size_t i, flow_struck struck)
{
	if (!c->taken[i].told)
		struck(c, &rules->rule[i]);
	c->taken[i].told = true;
}

/* ---- which rules have taken this connection ---- */

/* bytes NULL: the end of the stream, which only slow ends care for. */
static bool triggers(const struct rule *rule, enum stream stream, const char *bytes, size_t n)
{
	if (!bytes)
		return rule->toxic == TOXIC_SLOW_CLOSE && !rule->contains[0] && covers(rule, stream);
	if (!rule->contains[0])
		return covers(rule, stream);
	return stream == STREAM_UP && memmem(bytes, n, rule->contains, strlen(rule->contains));
}

static void take(struct connection *c, struct rules *rules, enum stream stream, const char *bytes, size_t n, int64_t now)
{
	for (size_t i = 0; i < RULES_MAX; i++) {
		struct rule *rule = &rules->rule[i];

		if (!rule_is_for(rule, c->link) || c->taken[i].serial == rule->serial || rule->times == 0 ||
		    !triggers(rule, stream, bytes, n))
			continue;
		rule->times -= rule->times > 0;
		c->taken[i] = (struct taken){.serial = rule->serial, .since_us = now};
		for (enum stream s = STREAM_UP; s <= STREAM_DOWN; s++)
			c->taken[i].passed[s] = c->flow[s].passed + c->flow[s].queued;
	}
}

/* The rule of this kind that holds for this stream of the connection, its place in *at; NULL when there is none. */
static const struct rule *held_by(const struct connection *c, const struct rules *rules, enum toxic toxic, enum stream stream, size_t *at)
{
	*at = 0;
	for (size_t i = 0; i < RULES_MAX; i++) {
		const struct rule *rule = &rules->rule[i];

		if (rule->serial && c->taken[i].serial == rule->serial && rule->toxic == toxic && covers(rule, stream)) {
			*at = i;
			return rule;
		}
	}
	return NULL;
}

/* ---- in ---- */

static void look_for_text(struct connection *c, struct rules *rules, enum stream side, const char *bytes, size_t n, int64_t now)
{
	struct flow *f = &c->flow[side];
	static char joined[READ_SIZE + RULE_NAME];
	size_t whole = f->tail_length + n, keep = whole < RULE_NAME - 1 ? whole : RULE_NAME - 1;

	memcpy(joined, f->tail, f->tail_length);
	memcpy(joined + f->tail_length, bytes, n);
	take(c, rules, side, joined, whole, now);
	memcpy(f->tail, joined + whole - keep, keep);
	f->tail_length = keep;
}

static void queue(struct connection *c, const struct rules *rules, enum stream side, const char *bytes, size_t n, int64_t now,
		  flow_struck struck)
{
	struct flow *f = &c->flow[side];
	struct chunk *chunk = malloc(sizeof(*chunk) + n);
	size_t at;
	const struct rule *rule = held_by(c, rules, TOXIC_LATENCY, side, &at);

	if (!chunk)
		abort();
	*chunk = (struct chunk){.due_us = now, .length = n};
	memcpy(chunk->bytes, bytes, n);
	if (rule) {
		chunk->due_us += 1000 * (rule->value + (rule->spread ? random() % (rule->spread + 1) : 0));
		tell(c, rules, at, struck);
	}
	if (f->last && f->last->due_us > chunk->due_us)
		chunk->due_us = f->last->due_us;
	if (f->last)
		f->last->next = chunk;
	else
		f->first = chunk;
	f->last = chunk;
	f->queued += n;
}

void flow_read(struct connection *c, struct rules *rules, enum stream side, int64_t now, flow_struck struck)
{
	static char bytes[READ_SIZE];
	struct flow *f = &c->flow[side];
	const char *who = side == STREAM_UP ? "client" : "server";
	ssize_t n = recv(c->fd[side], bytes, sizeof(bytes), MSG_DONTWAIT);
	size_t at;

	if (n > 0) {
		look_for_text(c, rules, side, bytes, (size_t)n, now);
		queue(c, rules, side, bytes, (size_t)n, now, struck);
	} else if (n == 0) {
		f->ended = true;
		take(c, rules, side, NULL, 0, now);
		if (held_by(c, rules, TOXIC_SLOW_CLOSE, side, &at)) {
			f->next_us = now + 1000 * rules->rule[at].delay_ms;
			tell(c, rules, at, struck);
		}
		if (held_by(c, rules, TOXIC_TIMEOUT, side, &at)) /* what is on a dead link is lost when who sent it has gone */
			is_over(c, who, false);
	} else if (errno != EAGAIN && errno != EINTR) {
		is_over(c, who, true);
	}
}

/* ---- out ---- */

static void sooner(int64_t *again, int64_t at)
{
	*again = at < *again ? at : *again;
}

/* Rules that end the connection when their time has come; true when the flow is held meanwhile. */
static bool is_held(struct connection *c, const struct rules *rules, enum stream side, int64_t now, int64_t *again, flow_struck struck)
{
	static const enum toxic ends[] = {TOXIC_RESET_PEER, TOXIC_TIMEOUT};
	bool held = false;
	size_t at;

	for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++) {
		const struct rule *rule = held_by(c, rules, ends[i], side, &at);
		bool holds = rule && rule->toxic == TOXIC_TIMEOUT;
		int64_t end = rule && (rule->delay_ms || !holds) ? c->taken[at].since_us + 1000 * rule->delay_ms : INT64_MAX;

		held |= holds;
		if (holds || end <= now)
			tell(c, rules, at, struck);
		if (end <= now)
			is_over(c, "proxy", !holds);
		sooner(again, end);
	}
	return held;
}

/* How many bytes of the flow may go out now; 0: none before *again, or the connection is over. */
static size_t may_pass(struct connection *c, const struct rules *rules, enum stream side, int64_t now, int64_t *again, flow_struck struck)
{
	struct flow *f = &c->flow[side];
	size_t n = f->first->length - f->first->at, at;
	int64_t due = f->first->due_us > f->next_us ? f->first->due_us : f->next_us;
	const struct rule *rule;

	if (due > now) {
		sooner(again, due);
		return 0;
	}
	if ((rule = held_by(c, rules, TOXIC_LIMIT_DATA, side, &at))) {
		uint64_t most = c->taken[at].passed[side] + (uint64_t)rule->value, left = most > f->passed ? most - f->passed : 0;

		if (!left) {
			tell(c, rules, at, struck);
			is_over(c, "proxy", false);
			return 0;
		}
		n = n < left ? n : (size_t)left;
	}
	if ((rule = held_by(c, rules, TOXIC_SLICER, side, &at))) {
		size_t slice = (size_t)(rule->value + (rule->spread ? random() % (rule->spread + 1) : 0));

		tell(c, rules, at, struck);
		n = n < slice ? n : slice;
		f->next_us = now + 1000 * rule->delay_ms;
	}
	if ((rule = held_by(c, rules, TOXIC_BANDWIDTH, side, &at))) {
		size_t tick = (size_t)((uint64_t)rule->value * TICK_US / 1000000);

		tell(c, rules, at, struck);
		tick = tick ? tick : 1;
		n = n < tick ? n : tick;
		f->next_us = now + (int64_t)((uint64_t)n * 1000000 / (uint64_t)rule->value);
	}
	return n;
}

/* A piece goes out; false when nothing more can go out now. */
static bool pass(struct connection *c, const struct rules *rules, enum stream side, int64_t now, int64_t *again, flow_struck struck)
{
	struct flow *f = &c->flow[side];
	struct chunk *chunk = f->first;
	size_t n = may_pass(c, rules, side, now, again, struck);
	ssize_t sent = n ? send(c->fd[!side], chunk->bytes + chunk->at, n, MSG_DONTWAIT | MSG_NOSIGNAL) : 0;

	f->full = sent < 0 && errno == EAGAIN;
	if (sent < 0 && errno != EAGAIN && errno != EINTR)
		is_over(c, side == STREAM_UP ? "server" : "client", true);
	if (sent <= 0)
		return false;
	f->passed += (uint64_t)sent;
	f->queued -= (size_t)sent;
	chunk->at += (size_t)sent;
	if (chunk->at == chunk->length) {
		f->first = chunk->next;
		f->last = f->first ? f->last : NULL;
		free(chunk);
	}
	return true;
}

int64_t flow_pump(struct connection *c, struct rules *rules, int64_t now, flow_struck struck)
{
	int64_t again = INT64_MAX;

	for (enum stream side = STREAM_UP; side <= STREAM_DOWN && !c->over && !c->connecting; side++) {
		struct flow *f = &c->flow[side];

		if (is_held(c, rules, side, now, &again, struck))
			continue;
		while (f->first && !c->over && pass(c, rules, side, now, &again, struck))
			;
		if (f->first || !f->ended || f->closed || c->over)
			continue;
		if (f->next_us > now) {
			again = f->next_us < again ? f->next_us : again;
			continue;
		}
		shutdown(c->fd[!side], SHUT_WR);
		f->closed = true;
	}
	if (c->flow[STREAM_UP].closed && c->flow[STREAM_DOWN].closed)
		is_over(c, "both", false);
	return again;
}

bool flow_wants_read(const struct connection *c, enum stream side)
{
	return !c->connecting && !c->flow[side].ended && c->flow[side].queued < QUEUED_MAX;
}

bool flow_wants_write(const struct connection *c, enum stream side)
{
	return c->flow[!side].full || (c->connecting && side == STREAM_DOWN);
}

void flow_close(struct connection *c)
{
	const struct linger reset = {.l_onoff = 1};

	for (enum stream side = STREAM_UP; side <= STREAM_DOWN; side++) {
		if (c->reset)
			setsockopt(c->fd[side], SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
		close(c->fd[side]);
		for (struct chunk *chunk = c->flow[side].first, *next; chunk; chunk = next) {
			next = chunk->next;
			free(chunk);
		}
	}
}
