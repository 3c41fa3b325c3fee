/* The pictures of a draft, shown to the visitor who sent them. */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "flow/steps.h"
#include "http/response.h"
#include "image/convert.h"
#include "store/evidence.h"
#include "store/papers.h"

static const struct picture_of {
	const char *slug, *step;
	size_t member; /* of struct draft */
} pictures[] = {
	{"front", "front", offsetof(struct draft, front_evidence_id)},
	{"back", "back", offsetof(struct draft, back_evidence_id)},
	{"licence", "papers", offsetof(struct draft, licence_evidence_id)},
	{"other", "papers", offsetof(struct draft, other_evidence_id)},
	{"business", "company", offsetof(struct draft, business_evidence_id)},
	{"letter", "letter", offsetof(struct draft, letter_evidence_id)},
	{"attachment", "attachments", 0}, /* one of several */
};

static const struct picture_of *find(const char *slug)
{
	for (size_t i = 0; i < sizeof pictures / sizeof *pictures; i++)
		if (strcmp(pictures[i].slug, slug) == 0)
			return &pictures[i];
	return NULL;
}

static const char *used(const struct draft *d, const struct picture_of *picture)
{
	const char *id;

	memcpy(&id, (const char *)d + picture->member, sizeof id);
	return id;
}

const char *picture_used(const struct draft *d, const char *slug)
{
	const struct picture_of *picture = find(slug);

	return picture && picture->member ? used(d, picture) : NULL;
}

/* The attachment that is asked for, if it is one of this draft; NULL: it is not. */
static enum status find_attachment(struct flow_visit *v, const char **id)
{
	struct attachment list[ATTACHMENTS_MAX];
	int count;
	enum status st = papers_attachments(v->r->site->db, v->r->arena, v->draft.id, list, &count);

	*id = NULL;
	for (int i = 0; st == ST_OK && i < count; i++)
		if (text_equal(list[i].id, request_query(v->r, "id")))
			*id = list[i].evidence_id;
	return st;
}

enum status picture_serve(struct request *r)
{
	const struct picture_of *picture = find(r->tail);
	const char *page = request_query(r, "page");
	struct flow_visit v;
	struct bytes content;
	char *media_type;
	const char *id;
	enum status st;

	if (!picture)
		return ST_NOT_FOUND;
	st = flow_enter(&v, r, picture->step);
	if (st != ST_OK)
		return st == ST_DENIED && r->answered ? ST_OK : st;
	if (picture->member)
		id = used(&v.draft, picture);
	else
		st = find_attachment(&v, &id);
	if (st != ST_OK || !id)
		return st == ST_OK ? ST_NOT_FOUND : st;
	st = papers_page(r->site->db, r->arena, v.draft.id, id, page ? atoi(page) : 1, &id);
	if (st != ST_OK)
		return st;
	st = evidence_load(r->site->db, r->arena, r->site->keys, r->site->config->evidence_dir, v.draft.id, id, IMAGE_JPEG_MAX, &content, &media_type);
	return st == ST_OK ? respond_bytes(r, media_type, content) : st;
}
