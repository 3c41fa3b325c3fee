/* Evidence and agreements become one encrypted zip: see file_build.h. It does not know how it is sent. Pictures are decoded and encoded
 * in realname-image only. */
#include "jobs/file_build.h"

#include <stdio.h>
#include <string.h>

#include "base/archive.h"
#include "base/clock.h"
#include "base/log.h"
#include "image/convert.h"
#include "jobs/file_pages.h"
#include "store/evidence.h"

#define PICTURES_MAX 999
#define KEPT_TEXTS 12
#define KEPT_BYTES ((size_t)16 << 20)

/* Pages of an agreement under one watermark: the next hundred files of the day want the same. */
struct kept_text {
	char id[40], mark[160];
	int count;
	struct bytes page[PAGES_MAX];
};

struct file_builder {
	const struct config *config;
	const struct keys *keys;
	void (*step)(void *context);
	void *context;
	struct arena *kept; /* emptied as a whole */
	struct kept_text texts[KEPT_TEXTS];
	int text_count;
	size_t kept_bytes;
};

struct building {
	struct file_builder *b;
	struct db *db;
	struct arena *a;       /* the caller's */
	struct arena *scratch; /* until the zip is made */
	const struct t1_file *f;
	const char *mark;
	struct archive *zip;
	int pictures;
	size_t bytes;
	const char *cause, *why;
};

static void forget(void *object)
{
	struct file_builder *b = object;
	arena_destroy(b->kept);
}

struct file_builder *file_builder_create(struct arena *a, const struct config *config, const struct keys *keys, void (*step)(void *context),
					 void *context)
{
	struct file_builder *b = arena_alloc(a, sizeof(*b));
	*b = (struct file_builder){.config = config, .keys = keys, .step = step, .context = context, .kept = arena_create()};
	arena_cleanup(a, forget, b);
	return b;
}

/* It cannot be built: that is an answer, not a failure of ours. */
static enum status give_up(struct building *g, const char *cause, const char *why)
{
	g->cause = cause;
	g->why = arena_strdup(g->a, why);
	return ST_OK;
}

/* ---- one picture ---- */

static enum status put_mark(struct building *g, struct arena *a, struct bytes picture, struct bytes *jpeg)
{
	struct image_convert *child;
	struct recode_mark mark;
	uint32_t wide = 0, high = 0;
	const char *refused;
	int width, height;
	if (g->b->step)
		g->b->step(g->b->context);
	if (!image_measure(image_sniff(picture.data, picture.length), picture.data, picture.length, &wide, &high))
		return give_up(g, "file_picture", "a stored picture has no size");
	enum status st = page_mark(g->scratch, g->b->config->delivery_font, g->mark, (int)(wide < high ? wide : high), &mark);
	if (st == ST_OK)
		st = image_start_marked(&child, g->scratch, g->b->config->image_program, g->b->config, &mark);
	if (st == ST_OK)
		st = image_feed(child, picture.data, picture.length);
	if (st == ST_OK)
		st = image_finish(child, jpeg, &width, &height, &refused);
	if (st == ST_OK && refused)
		return give_up(g, "file_picture", arena_printf(g->scratch, "a stored picture is refused: %s", refused));
	if (st == ST_OK && a != g->scratch)
		jpeg->data = arena_memdup(a, jpeg->data, jpeg->length);
	return st;
}

static enum status add(struct building *g, struct bytes jpeg)
{
	size_t most = (size_t)g->b->config->delivery_max_mb << 20;
	g->bytes += jpeg.length;
	if (g->pictures == PICTURES_MAX || g->bytes > most)
		return give_up(g, "file_too_large",
			       arena_printf(g->scratch, "%d pictures of %zu bytes are too much", g->pictures + 1, g->bytes));
	return archive_add(g->zip, arena_printf(g->scratch, "%s_%03d.jpg", g->f->name, ++g->pictures), jpeg, false);
}

static enum status add_marked(struct building *g, struct bytes picture)
{
	struct bytes jpeg;
	enum status st = put_mark(g, g->scratch, picture, &jpeg);
	return st == ST_OK && !g->cause ? add(g, jpeg) : st;
}

/* ---- evidence ---- */

static enum status add_evidence(struct building *g, const char *id)
{
	struct bytes picture;
	char *media_type;
	enum status st = evidence_load(g->db, g->scratch, g->b->keys, g->b->config->evidence_dir, g->f->application_id, id, IMAGE_JPEG_MAX,
				       &picture, &media_type);
	if (st == ST_NOT_FOUND || st == ST_INVALID || st == ST_LIMIT)
		return give_up(g, "file_evidence", status_message());
	return st == ST_OK ? add_marked(g, picture) : st;
}

/* Those that the application uses, in the order in which people look at them; of papers that are PDFs their pages. Clips are not
 * pictures and stay here. */
static enum status add_pictures(struct building *g)
{
	struct db_result *r;
	enum status st =
		db_query(g->db, g->scratch, &r,
			 "SELECT e.id FROM application p CROSS JOIN LATERAL (SELECT * FROM (VALUES (1, p.front_evidence_id), (2, p.back_evidence_id), "
			 "(3, p.portrait_evidence_id), (4, p.licence_evidence_id), (5, p.other_evidence_id), (6, p.business_licence_evidence_id), "
			 "(7, p.authorisation_evidence_id)) AS one (place, id) UNION ALL SELECT 7 + row_number() OVER (ORDER BY a.added_at, a.id), "
			 "a.evidence_id FROM application_paper a WHERE a.application_id = p.id) AS used (place, id) "
			 "JOIN evidence e ON e.application_id = p.id AND (e.id = used.id OR e.page_of = used.id) WHERE p.id = $1 AND e.deleted_at IS NULL "
			 "AND e.media_type LIKE 'image/%' ORDER BY used.place, e.page",
			 DB_TEXT(g->f->application_id));
	if (st == ST_OK && db_rows(r) == 0)
		return give_up(g, "file_evidence", "there are no pictures");
	for (int i = 0; st == ST_OK && !g->cause && i < db_rows(r); i++)
		st = add_evidence(g, db_text(r, i, "id"));
	return st;
}

/* ---- agreements ---- */

static struct kept_text *find_text(struct file_builder *b, const char *id, const char *mark)
{
	for (int i = 0; i < b->text_count; i++)
		if (text_equal(b->texts[i].id, id) && text_equal(b->texts[i].mark, mark))
			return &b->texts[i];
	return NULL;
}

static enum status keep_text(struct building *g, const struct agreed_text *t, struct kept_text **out)
{
	struct file_builder *b = g->b;
	struct pages pages;
	if (b->text_count == KEPT_TEXTS || b->kept_bytes > KEPT_BYTES) {
		arena_reset(b->kept);
		b->text_count = 0;
		b->kept_bytes = 0;
	}
	struct kept_text *k = &b->texts[b->text_count];
	*k = (struct kept_text){0};
	snprintf(k->id, sizeof(k->id), "%s", t->id);
	snprintf(k->mark, sizeof(k->mark), "%s", g->mark);
	enum status st = file_pages_text(g->scratch, b->config->delivery_font, t, &pages);
	if (st == ST_LIMIT)
		return give_up(g, "file_too_large", status_message());
	for (int i = 0; st == ST_OK && !g->cause && i < pages.count; i++) {
		st = put_mark(g, b->kept, pages.page[i], &k->page[i]);
		b->kept_bytes += st == ST_OK && !g->cause ? k->page[i].length : 0;
		k->count++;
	}
	if (st == ST_OK && !g->cause) {
		b->text_count++;
		*out = k;
	}
	return st;
}

static enum status add_text(struct building *g, const struct agreed_text *t)
{
	struct kept_text *k = find_text(g->b, t->id, g->mark);
	enum status st = k ? ST_OK : keep_text(g, t, &k);
	for (int i = 0; st == ST_OK && !g->cause && i < k->count; i++)
		st = add(g, k->page[i]);
	return st;
}

static enum status add_agreements(struct building *g)
{
	struct agreed_text texts[AGREED_TEXTS_MAX];
	struct pages pages;
	int count;
	enum status st = file_pages_load(g->db, g->scratch, g->f->application_id, g->f->card_id, texts, &count);
	for (int i = 0; st == ST_OK && !g->cause && i < count; i++)
		st = add_text(g, &texts[i]);
	/* an instruction asks for the contract: a file without it is no answer */
	if (st == ST_OK && !g->cause && count == 0 && text_equal(g->f->source, "HT"))
		return give_up(g, "file_evidence", "there is no contract");
	if (st != ST_OK || g->cause || count == 0)
		return st;
	st = file_pages_signature(g->db, g->scratch, g->b->config, g->b->keys, g->f->application_id, g->f->iccid, texts, count, &pages);
	if (st == ST_NOT_FOUND || st == ST_INVALID)
		return give_up(g, "file_evidence", status_message());
	for (int i = 0; st == ST_OK && !g->cause && i < pages.count; i++)
		st = add_marked(g, pages.page[i]);
	return st;
}

/* ---- the whole ---- */

static enum status seal(struct building *g, enum t1_cipher cipher, struct bytes key, struct bytes zip, struct bytes *out)
{
	if (cipher == T1_SM4_ECB)
		return crypt_sm4_ecb(g->a, key.data, zip.data, zip.length, out);
	return crypt_sm4_cbc(g->a, key.data, g->f->iv.data, zip.data, zip.length, out);
}

/* The purpose and the day of the order: both stay the same however often it is built. */
static const char *mark_text(struct arena *a, const struct t1_file *f)
{
	const char *purpose = text_equal(f->source, "HT") ? "核查" : "";
	return arena_printf(a, "仅供%s车联网卡实名登记%s使用 %.10s", f->carrier_name, purpose, clock_page(a, f->created_at));
}

enum status file_build(struct file_builder *b, struct db *db, struct arena *a, const struct t1_file *f, enum t1_cipher cipher,
		       struct bytes key, struct file_built *out)
{
	struct building g = {.b = b, .db = db, .a = a, .scratch = arena_create(), .f = f};
	struct bytes zip;
	g.mark = mark_text(g.scratch, f);
	enum status st = archive_start(&g.zip, g.scratch);
	if (st == ST_OK) {
		archive_date(g.zip, f->created_at);
		st = add_pictures(&g);
	}
	if (st == ST_OK && !g.cause)
		st = add_agreements(&g);
	if (st == ST_OK && !g.cause)
		st = archive_finish(g.zip, g.scratch, &zip);
	if (st == ST_OK && !g.cause)
		st = seal(&g, cipher, key, zip, &out->bin);
	out->cause = g.cause;
	out->why = g.why;
	arena_destroy(g.scratch);
	return st;
}
