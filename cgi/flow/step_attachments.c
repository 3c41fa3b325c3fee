/* 附件: signed agreements of the company, several files, each with its own way out. */
#include "flow/steps.h"
#include "store/papers.h"

static bool attachments_done(const struct draft *d)
{
	return d->attachments > 0 && d->attachments_given;
}

static enum status attachments_show(struct flow_visit *v)
{
	struct request *r = v->r;
	struct view *view = request_view(r);
	struct arena *a = r->arena;
	struct attachment list[ATTACHMENTS_MAX];
	int count;
	enum status st = papers_attachments(r->site->db, a, v->draft.id, list, &count);

	if (st == ST_OK && !text_equal(v->draft.kind, "cancel"))
		st = agreements_to_print(v);
	if (st != ST_OK)
		return st;
	for (int i = 0; i < count; i++) {
		view_item(view, "Attachments", i, "id", list[i].id);
		view_item(view, "Attachments", i, "url", arena_printf(a, "/%s/picture/attachment?id=%s", v->flow->slug, list[i].id));
		view_item(view, "Attachments", i, "label",
			  list[i].pdf ? arena_printf(a, "附件 %d：PDF，%d 页", i + 1, list[i].pages)
				      : arena_printf(a, "附件 %d：图片", i + 1));
	}
	view_int(view, "Attachments.count", count);
	view_int(view, "Attachments.left", ATTACHMENTS_MAX - count);
	view_set(view, "Upload.url", upload_url(v, "attachment"));
	view_set(view, "Paper.label", "附件");
	view_int(view, "Paper.many", ATTACHMENTS_MAX - count);
	return ST_OK;
}

static enum status attachments_submit(struct flow_visit *v)
{
	struct request *r = v->r;
	struct db *db = r->site->db;
	const char *removed = request_field(r, "remove");
	enum status st = flow_lock(v);

	if (st != ST_OK)
		return st;
	if (removed) {
		st = papers_remove_attachment(db, r->arena, &v->actor, &v->draft, removed);
		if (st == ST_OK)
			st = db_commit(db);
		return st == ST_OK ? flow_go(v, v->step->slug) : st;
	}
	if (v->draft.attachments == 0)
		form_error(r, "file", "paper.none", NULL);
	else if (!text_equal(request_field(r, "complete"), "1"))
		form_error(r, "complete", "paper.tick", NULL);
	if (form_errors(r) > 0)
		return ST_OK;
	st = papers_give_attachments(db, r->arena, &v->actor, &v->draft);
	return st == ST_OK ? db_commit(db) : st;
}

const struct step step_attachments = {.slug = "attachments",
				      .task = "attachments",
				      .template_name = "fleet/attachments",
				      .heading = "附件",
				      .done = attachments_done,
				      .show = attachments_show,
				      .submit = attachments_submit};
