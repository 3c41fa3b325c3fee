/* Makes and writes T1 messages in the transaction that decides for pushing. Every message of an application of a person is made and
 * checked before the first is written: it is pushed whole or not at all. Batches: push_batch.c. */
#include "store/push.h"

#include <string.h>

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
	struct push_message m = {
		.part = part, .id = crypt_uuid(a), .kind = makers[part].kind, .request_id = crypt_alphanumeric(a, REQUEST_ID_LENGTH)};
	if (part != T1_PART_VEHICLE)
		m.oper_type = part == T1_PART_FORMER_ACCOUNT ? "cancel" : c->business->oper_type;
	if (m.oper_type && !t1_profile_oper_type(c->profile, m.oper_type))
		return status_fail(ST_INVALID, "account message: OperType of %s is not mapped", m.oper_type);
	enum status st = makers[part].make(a, s, c, &m);
	*out = m;
	return st;
}

/* These fields of an account message are the card's own or its car's; the rest is shared by all cards of an application. */
static bool of_the_card(const struct push_message *m)
{
	static const char *const fields[] = {"MSISDN", "ICCID", "VehicleStatus", "StatusUpdateTime", "PhoName"};
	if (m->missing && m->part == T1_PART_VEHICLE)
		return true;
	for (size_t i = 0; m->missing && i < sizeof(fields) / sizeof(fields[0]); i++)
		if (strcmp(m->missing, fields[i]) == 0)
			return true;
	return false;
}

enum status push_make_all(struct arena *a, const struct push_source *s, struct push *p)
{
	const struct t1_parts *parts = t1_profile_messages(p->card.profile, p->card.business->business);
	enum status st = ST_OK;
	p->count = 0;
	p->own_fault = !p->card.in_car;
	if (p->own_fault) /* it would be registered with the wrong car, and to whom it does not belong */
		return status_fail(ST_INVALID, "card %s is not in the car of the application any more: import it into that car again, or refuse it",
				   p->card.iccid);
	if (!parts || parts->count == 0)
		return status_fail(ST_INVALID, "the carrier's profile has no messages for %s", p->card.business->business);
	for (int i = 0; st == ST_OK && i < parts->count; i++) {
		struct push_message *m = &p->messages[i];
		st = push_make(a, s, &p->card, parts->part[i], m);
		p->count += st == ST_OK;
		p->own_fault = st == ST_INVALID && of_the_card(m);
	}
	return st;
}

/* ---- writing ---- */

#define COLUMN_BYTES ((size_t)64 << 20)

/* One more element of an array of PostgreSQL; nothing that is written here needs quotes: ids, names of ours, hexadecimal digits. */
static void element(struct buffer *b, struct arena *a, const char *text)
{
	if (!b->arena)
		buffer_init(b, a, COLUMN_BYTES);
	buffer_text(b, b->length ? "," : "{");
	buffer_text(b, text);
}

/* The array as a value. */
static struct db_value array(struct buffer *b)
{
	if (b->arena)
		buffer_text(b, "}");
	return DB_TEXT(b->arena ? b->data : "{}");
}

static char *hex(struct arena *a, struct bytes b)
{
	return hex_encode(a, b.data, b.length);
}

enum status push_write(struct db *db, struct arena *a, const struct push_source *s, const struct push *pushes, int count)
{
	enum { ID, CONNECTION, ROW, CARD, KIND, NTH, REQUEST, OPER_TYPE, CODE, INPUTS, IV, COLUMNS };
	struct buffer column[COLUMNS] = {0};
	for (int i = 0; i < count; i++)
		for (int k = 0; k < pushes[i].count; k++) {
			const struct push_card *c = &pushes[i].card;
			const struct push_message *m = &pushes[i].messages[k];
			unsigned char iv[16];
			crypt_random(iv, sizeof(iv));
			element(&column[ID], a, m->id);
			element(&column[CONNECTION], a, c->connection_id);
			element(&column[ROW], a, c->id);
			element(&column[CARD], a, c->card_id);
			element(&column[KIND], a, m->kind);
			element(&column[NTH], a, arena_printf(a, "%d", k + 1));
			element(&column[REQUEST], a, m->request_id);
			element(&column[OPER_TYPE], a, m->oper_type ? m->oper_type : "NULL");
			element(&column[CODE], a, c->code);
			element(&column[INPUTS], a, hex(a, sealed_text(a, &s->key, "t1_message", "inputs", m->id, m->inputs)));
			element(&column[IV], a, hex(a, (struct bytes){iv, sizeof(iv)}));
		}
	if (column[INPUTS].overflow)
		return status_fail(ST_LIMIT, "the messages of %d cards are too much for one statement", count);
	/* numbered within the card: the row of the card is locked, so nobody else takes the same number */
	return db_query(
		db, a, NULL,
		"INSERT INTO t1_message (id, connection_id, application_card_id, card_id, kind, sequence, request_id, oper_type, code, "
		"data_key_id, inputs_sealed, iv) SELECT u.id, u.connection, u.ac, u.card, u.kind, "
		"coalesce((SELECT max(m.sequence) FROM t1_message m WHERE m.card_id = u.card), 0) + u.nth, u.request, u.oper_type, u.code, $1, "
		"decode(u.inputs, 'hex'), decode(u.iv, 'hex') FROM unnest($2::uuid[], $3::uuid[], $4::uuid[], $5::uuid[], $6::text[], "
		"$7::integer[], $8::text[], $9::text[], $10::text[], $11::text[], $12::text[]) "
		"AS u (id, connection, ac, card, kind, nth, request, oper_type, code, inputs, iv)",
		DB_TEXT(s->data_key_id), array(&column[ID]), array(&column[CONNECTION]), array(&column[ROW]),
		array(&column[CARD]), array(&column[KIND]), array(&column[NTH]), array(&column[REQUEST]),
		array(&column[OPER_TYPE]), array(&column[CODE]), array(&column[INPUTS]), array(&column[IV]));
}

enum status push_jobs(struct db *db, struct arena *a, const struct push *pushes, int count)
{
	struct queue_job *jobs = arena_alloc(a, (size_t)count * T1_PART_MAX * sizeof(*jobs));
	int n = 0;
	for (int i = 0; i < count; i++)
		for (int k = 0; k < pushes[i].count; k++)
			jobs[n++] = (struct queue_job){.kind = "t1_send",
						       .subject = pushes[i].messages[k].id,
						       .destination = pushes[i].card.connection_id,
						       .order_key = pushes[i].card.card_id};
	return queue_add_jobs(db, a, jobs, n);
}

/* ---- an application of a person ---- */

/* The cards that wait for the decision, with their messages. */
static enum status make_cards(struct db *db, struct arena *a, const struct keys *keys, const struct push_source *s, struct push **pushes, int *count)
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
		st = push_card_read(a, keys, s, r, i, i > 0 ? &(*pushes)[i - 1].card : NULL, &(*pushes)[i].card);
		if (st == ST_OK)
			st = push_make_all(a, s, &(*pushes)[i]);
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
		st = make_cards(db, a, keys, &s, &pushes, &count);
	for (int i = 0; st == ST_OK && i < count; i++)
		st = card_transition(db, a, config, keys, actor, &(struct card_change){.application_card_id = pushes[i].card.id, .to = CARD_PUSHING});
	if (st == ST_OK)
		st = push_write(db, a, &s, pushes, count);
	if (st == ST_OK)
		st = push_jobs(db, a, pushes, count);
	push_source_close(&s);
	return st;
}
