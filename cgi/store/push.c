/* Writes the T1 messages of an application in the transaction that decides for pushing. Every message is made and checked before
 * the first is written: an application is pushed whole or not at all. */
#include "store/push.h"

#include "store/cards.h"
#include "store/datakey.h"
#include "store/queue.h"

#define CARDS_MAX 64
#define REQUEST_ID_LENGTH 24

static const struct {
	const char *kind;
	enum status (*make)(struct arena *a, const struct push_source *s, const struct push_card *c, struct push_message *m);
} makers[T1_PART_MAX] = {
	[T1_PART_ACCOUNT] = {"account", t1_account_make},
	[T1_PART_VEHICLE] = {"vehicle", t1_vehicle_make},
	[T1_PART_FORMER_ACCOUNT] = {"account", t1_account_make},
};

enum status push_make(struct arena *a, const struct push_source *s, const struct push_card *c, enum t1_part part, struct push_message *out)
{
	struct push_message m = {.part = part, .kind = makers[part].kind, .request_id = crypt_alphanumeric(a, REQUEST_ID_LENGTH)};
	if (part != T1_PART_VEHICLE)
		m.oper_type = part == T1_PART_FORMER_ACCOUNT ? "cancel" : c->business->oper_type;
	if (m.oper_type && !t1_profile_oper_type(&c->profile, m.oper_type))
		return status_fail(ST_INVALID, "account message: OperType of %s is not mapped", m.oper_type);
	enum status st = makers[part].make(a, s, c, &m);
	if (st == ST_OK)
		*out = m;
	return st;
}

enum status push_card_read(struct arena *a, const struct push_source *s, const struct db_result *r, int i, struct push_card *out)
{
	struct push_card c = {
		.id = db_text(r, i, "id"),
		.card_id = db_text(r, i, "card_id"),
		.connection_id = db_text(r, i, "connection_id"),
		.iccid = db_text(r, i, "iccid"),
		.msisdn = db_text(r, i, "msisdn"),
		.business = card_business(s->kind, db_text(r, i, "part")),
	};
	if (!c.business)
		return status_fail(ST_ERROR, "which messages a %s card of a %s needs is not defined", db_text(r, i, "part"), s->kind);
	if (!c.connection_id)
		return status_fail(ST_INVALID, "card %s: no connection to its carrier", c.card_id);
	enum status st = t1_profile_parse(&c.profile, a, db_text(r, i, "profile"));
	if (st == ST_OK)
		*out = c;
	return st;
}

enum status push_write(struct db *db, struct arena *a, const struct push_source *s, const struct push_card *c, const struct push_message *m,
		       const char **id)
{
	unsigned char iv[16];
	*id = crypt_uuid(a);
	crypt_random(iv, sizeof(iv));
	/* numbered within the card: the row of the card is locked, so nobody else takes the same number */
	return db_query(
		db, a, NULL,
		"INSERT INTO t1_message (id, connection_id, application_card_id, card_id, kind, sequence, request_id, oper_type, code, "
		"data_key_id, inputs_sealed, iv) SELECT $1, $2, $3, $4, $5, coalesce(max(sequence), 0) + 1, $6, $7, $8, $9, $10, $11 "
		"FROM t1_message WHERE card_id = $4",
		DB_TEXT(*id), DB_TEXT(c->connection_id), DB_TEXT(c->id), DB_TEXT(c->card_id), DB_TEXT(m->kind), DB_TEXT(m->request_id),
		DB_TEXT(m->oper_type), DB_TEXT(s->code), DB_TEXT(s->data_key_id),
		DB_BYTES(sealed_text(a, &s->key, "t1_message", "inputs", *id, m->inputs)), DB_BYTES(((struct bytes){iv, sizeof(iv)})));
}

/* What one card sends, in its order. */
struct push {
	struct push_card card;
	int count;
	struct push_message messages[T1_PART_MAX];
};

static enum status make_card(struct arena *a, const struct push_source *s, struct push *p)
{
	const struct t1_parts *parts = t1_profile_messages(&p->card.profile, p->card.business->business);
	enum status st = ST_OK;
	if (!parts || parts->count == 0)
		return status_fail(ST_INVALID, "the carrier's profile has no messages for %s", p->card.business->business);
	for (int i = 0; st == ST_OK && i < parts->count; i++)
		st = push_make(a, s, &p->card, parts->part[i], &p->messages[p->count++]);
	return st;
}

/* The cards that wait for the decision, with their messages. */
static enum status make_cards(struct db *db, struct arena *a, const struct push_source *s, struct push **pushes, int *count)
{
	struct db_result *r;
	enum status st = db_query(
		db, a, &r,
		PUSH_CARDS "WHERE ac.application_id = $1 AND ac.state IN ('submitted', 'review') ORDER BY ac.id FOR NO KEY UPDATE OF ac",
		DB_TEXT(s->application_id), DB_TEXT(s->automaker_id));
	if (st != ST_OK)
		return st;
	if (db_rows(r) == 0 || db_rows(r) > CARDS_MAX)
		return status_fail(ST_CONFLICT, "application %s has %d cards to push", s->application_id, db_rows(r));
	*count = db_rows(r);
	*pushes = arena_alloc(a, (size_t)*count * sizeof(**pushes));
	for (int i = 0; st == ST_OK && i < *count; i++) {
		(*pushes)[i] = (struct push){0};
		st = push_card_read(a, s, r, i, &(*pushes)[i].card);
		if (st == ST_OK)
			st = make_card(a, s, &(*pushes)[i]);
	}
	return st;
}

/* Every message has its job at once; those of a card come out in the order in which they are added. */
static enum status push_one(struct db *db, struct arena *a, const struct config *config, const struct keys *keys, const struct actor *actor,
			    const struct push_source *s, const struct push *p)
{
	const struct card_change change = {.application_card_id = p->card.id, .to = CARD_PUSHING};
	struct queue_job job = {.kind = "t1_send", .destination = p->card.connection_id, .order_key = p->card.card_id};
	enum status st = card_transition(db, a, config, keys, actor, &change);
	for (int i = 0; st == ST_OK && i < p->count; i++) {
		st = push_write(db, a, s, &p->card, &p->messages[i], &job.subject);
		if (st == ST_OK)
			st = queue_add_job(db, a, &job);
	}
	return st;
}

enum status cards_push(struct db *db, struct arena *a, const struct config *config, const struct keys *keys, const struct actor *actor,
		       const char *application_id)
{
	struct push_source s;
	struct push *pushes = NULL;
	int count = 0;
	enum status st = push_source_load(db, a, keys, application_id, &s);
	if (st == ST_OK)
		st = make_cards(db, a, &s, &pushes, &count);
	for (int i = 0; st == ST_OK && i < count; i++)
		st = push_one(db, a, config, keys, actor, &s, &pushes[i]);
	push_source_close(&s);
	return st;
}
