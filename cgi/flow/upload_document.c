/* A paper: a picture or a PDF, told by its first bytes. The PDF is kept as it came, sealed like all evidence, and each of its pages as a
 * picture, drawn in the sandbox. It does not know what the paper is for. */
#include <string.h>

#include "flow/upload.h"

#define SIGNATURE "%PDF-"
#define SIGNATURE_LENGTH (sizeof SIGNATURE - 1)

enum status upload_document_start(struct upload *u)
{
	(void)u;
	return ST_OK; /* with its first bytes */
}

static enum status feed(struct upload *u, const void *bytes, size_t length)
{
	enum status st = image_feed(u->image, bytes, length);

	if (st == ST_LIMIT)
		upload_too_big(u);
	return st == ST_OK && u->writer ? evidence_write(u->writer, bytes, length) : st;
}

static enum status begin(struct upload *u)
{
	struct request *r = u->r;
	enum status st;

	if (memcmp(u->head, SIGNATURE, SIGNATURE_LENGTH) != 0)
		return upload_picture_start(u);
	st = pdf_start(&u->image, r->arena, r->site->config->pdf_program, r->site->config);
	return st == ST_OK ? evidence_start(&u->writer, r->arena, r->site->config->evidence_dir, &u->key) : st;
}

enum status upload_document_data(struct upload *u, const void *bytes, size_t length)
{
	size_t before = (size_t)u->size - length;
	enum status st;

	if (u->image)
		return feed(u, bytes, length);
	if (u->head_length < SIGNATURE_LENGTH)
		return ST_OK; /* so few that head holds them all */
	st = begin(u);
	if (st == ST_OK && before > 0)
		st = feed(u, u->head, before);
	return st == ST_OK ? feed(u, bytes, length) : st;
}

/* Each page as a file of its own. */
static enum status write_pages(struct upload *u, const struct pdf_pages *pages)
{
	struct evidence_writer *w;
	enum status st = ST_OK;

	u->pages = arena_alloc(u->r->arena, (size_t)pages->count * sizeof *u->pages);
	for (int i = 0; st == ST_OK && i < pages->count; i++) {
		st = evidence_start(&w, u->r->arena, u->r->site->config->evidence_dir, &u->key);
		if (st == ST_OK)
			st = evidence_write(w, pages->page[i].data, pages->page[i].length);
		if (st == ST_OK)
			st = evidence_finish(w, &u->pages[i]);
		if (st == ST_OK)
			u->page_count++;
	}
	return st;
}

enum status upload_keep_document(struct upload *u, upload_use *use)
{
	struct pdf_pages pages;
	struct evidence_file file;
	enum status st;

	if (!u->image) {
		u->refused = "paper.type";
		return ST_OK;
	}
	if (!u->writer) {
		st = upload_keep_picture(u, use);
		if (text_equal(u->refused, "file.type"))
			u->refused = "paper.type";
		return st;
	}
	st = pdf_finish(u->image, &pages, &u->refused);
	if (text_equal(u->refused, "file.big"))
		upload_too_big(u);
	else if (text_equal(u->refused, "paper.long"))
		u->argument = arena_printf(u->r->arena, "%d", PDF_PAGES_MAX);
	if (st != ST_OK || u->refused)
		return st;
	st = write_pages(u, &pages);
	if (st == ST_OK)
		st = evidence_finish(u->writer, &file);
	return st == ST_OK ? upload_keep_file(u, "application/pdf", &file, use) : st;
}
