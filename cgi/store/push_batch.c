/* Pushes the cards of a batch, some at a time: see batch.h. */
#include <stdio.h>

#include "store/batch.h"
#include "store/cards.h"
#include "store/push.h"

#define CHUNK 100 /* as in the LIMIT below */
#define DATA_KEY "fleet.data"

struct chunk {
	struct push *pushes;
	int count, unfit;
	struct buffer pushed, refused; /* rows of application_card */
	const char *why;               /* of the last one refused, for staff */
};

static void add_id(struct buffer *b, const char *id)
{
	buffer_text(b, b->length ? "," : "{");
	buffer_text(b, id);
}

/* The cards of this connection stay where they are, and p->why tells staff the reason. */
static enum status hold(struct batch_push *p, const char *connection_id)
{
	if (p->held == BATCH_HELD_MAX)
		return status_fail(ST_ERROR, "too many connections cannot push");
	snprintf(p->why, sizeof(p->why), "%s", status_message());
	if (connection_id)
		snprintf(p->connection[p->held++], sizeof(p->connection[0]), "%s", connection_id);
	p->unconnected |= !connection_id;
	return ST_OK;
}

static bool is_held(const struct batch_push *p, const char *connection_id)
{
	if (!connection_id)
		return p->unconnected;
	for (int i = 0; i < p->held; i++)
		if (text_equal(p->connection[i], connection_id))
			return true;
	return false;
}

static const char *held_array(struct arena *a, const struct batch_push *p)
{
	struct buffer b;
	buffer_init(&b, a, (size_t)BATCH_HELD_MAX * 40);
	for (int i = 0; i < p->held; i++)
		add_id(&b, p->connection[i]);
	buffer_text(&b, b.length ? "}" : "{}");
	return b.data;
}

static enum status make_one(struct arena *a, const struct keys *keys, const struct push_source *s, const struct db_result *r, int i,
			    struct batch_push *p, struct chunk *c)
{
	struct push *push = &c->pushes[c->count];
	const struct push_card *before = c->count > 0 ? &c->pushes[c->count - 1].card : NULL;
	*push = (struct push){0};
	if (is_held(p, db_text(r, i, "connection_id")))
		return ST_OK;
	enum status st = push_card_read(a, keys, s, r, i, before, &push->card);
	if (st == ST_OK)
		st = push_make_all(a, s, push);
	if (st == ST_OK) {
		add_id(&c->pushed, push->card.id);
		c->count++;
		return ST_OK;
	}
	if (st != ST_INVALID)
		return st;
	if (!push->own_fault && !push->card.unreadable)
		return hold(p, db_text(r, i, "connection_id"));
	add_id(&c->refused, push->card.id);
	c->unfit++;
	c->why = arena_strdup(a, status_message());
	return ST_OK;
}

static enum status make_chunk(struct db *db, struct arena *a, const struct keys *keys, const struct push_source *s, struct batch_push *p,
			      struct chunk *c)
{
	struct db_result *r;
	enum status st = db_query(db, a, &r,
				  PUSH_CARDS "WHERE ac.application_id = $1 AND ac.state IN ('submitted', 'review') "
					     "AND CASE WHEN n.id IS NULL THEN NOT $4 ELSE n.id <> ALL ($3::uuid[]) END "
					     "ORDER BY ac.id LIMIT 100 FOR NO KEY UPDATE OF ac",
				  DB_TEXT(s->application_id), DB_TEXT(s->automaker_id), DB_TEXT(held_array(a, p)), DB_BOOL(p->unconnected));
	if (st != ST_OK)
		return st;
	*c = (struct chunk){.pushes = arena_alloc(a, (size_t)(db_rows(r) + 1) * sizeof(*c->pushes))};
	buffer_init(&c->pushed, a, (size_t)CHUNK * 40);
	buffer_init(&c->refused, a, (size_t)CHUNK * 40);
	p->more = db_rows(r) == CHUNK;
	for (int i = 0; st == ST_OK && i < db_rows(r); i++)
		st = make_one(a, keys, s, r, i, p, c);
	return st;
}

/* The way to refused leads over pushing. */
static enum status move(struct db *db, struct arena *a, const struct actor *actor, const struct push_source *s, struct buffer *ids,
			const char *refused_because)
{
	struct cards_change change = {
		.application_id = s->application_id, .from = {CARD_SUBMITTED, CARD_REVIEW}, .to = CARD_PUSHING, .ids = ids->data};
	int moved;
	buffer_text(ids, "}");
	enum status st = cards_transition(db, a, actor, &change, &moved);
	if (st != ST_OK || !refused_because)
		return st;
	change.from[0] = CARD_PUSHING;
	change.from[1] = CARD_DRAFT;
	change.to = CARD_REFUSED;
	change.refusal_key = DATA_KEY;
	change.refusal_raw = refused_because;
	return cards_transition(db, a, actor, &change, &moved);
}

static enum status write_chunk(struct db *db, struct arena *a, const struct keys *keys, const struct actor *actor, const struct push_source *s,
			       struct chunk *c)
{
	enum status st = ST_OK;
	if (c->count > 0) {
		st = move(db, a, actor, s, &c->pushed, NULL);
		if (st == ST_OK)
			st = push_write(db, a, s, c->pushes, c->count);
		if (st == ST_OK)
			st = push_jobs(db, a, c->pushes, c->count);
	}
	if (st != ST_OK || c->unfit == 0)
		return st;
	st = move(db, a, actor, s, &c->refused, c->why);
	return st == ST_OK ? cards_tell(db, a, keys, s->application_id, CARD_REFUSED) : st;
}

/* No further cards of a company are pushed from the moment in which it is closed: whoever closes it waits for the part that is being
 * written. What is pushed already goes to the carrier: an account may be there without its car. */
static enum status hold_closed(struct db *db, struct arena *a, const char *application_id, struct batch_push *p)
{
	struct db_result *r;
	enum status st = db_query(db, a, &r,
				  "SELECT k.closed_at IS NOT NULL AND EXISTS (SELECT FROM application_card c WHERE c.application_id = p.id "
				  "AND c.state IN ('submitted', 'review')) AS closed FROM company k JOIN application p ON p.company_id = k.id WHERE p.id = $1 "
				  "FOR SHARE OF k",
				  DB_TEXT(application_id));
	p->closed = st == ST_OK && db_rows(r) == 1 && db_bool(r, 0, "closed");
	if (p->closed)
		snprintf(p->why, sizeof(p->why), "the company is closed: reopen it, or review refuse");
	return st;
}

enum status batch_push(struct db *db, struct arena *a, const struct keys *keys, const struct actor *actor, const char *application_id,
		       struct batch_push *p)
{
	struct push_source s;
	struct chunk c;
	enum status st = hold_closed(db, a, application_id, p);
	p->more = false;
	if (st != ST_OK || p->closed)
		return st;
	st = push_source_load(db, a, keys, application_id, &s);
	if (st == ST_OK)
		st = make_chunk(db, a, keys, &s, p, &c);
	if (st == ST_OK)
		st = write_chunk(db, a, keys, actor, &s, &c);
	if (st == ST_OK) {
		p->pushed += c.count;
		p->refused += c.unfit;
	}
	push_source_close(&s);
	return st;
}
