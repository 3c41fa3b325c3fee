/* 任务清单: the tasks of a company's draft, in any order, each with what is still to be done. It asks for nothing itself. */
#include "flow/steps.h"
#include "store/papers.h"

enum task_state { TASK_NEW, TASK_BEGUN, TASK_MEND, TASK_DONE };
static const char *const labels[] = {[TASK_NEW] = "未开始", [TASK_BEGUN] = "进行中", [TASK_MEND] = "需修改", [TASK_DONE] = "已完成"};
static const char *const looks[] = {[TASK_NEW] = "new", [TASK_BEGUN] = "begun", [TASK_MEND] = "mend", [TASK_DONE] = "done"};

static enum task_state state_of(bool begun, bool done)
{
	return done ? TASK_DONE : begun ? TASK_BEGUN : TASK_NEW;
}

static enum task_state company_state(const struct draft *d)
{
	return state_of(d->business_evidence_id, d->company_confirmed);
}

static enum task_state letter_state(const struct draft *d)
{
	return d->letter_differs ? TASK_MEND : state_of(d->letter_evidence_id, d->letter_given);
}

static enum task_state person_state(const struct draft *d)
{
	return state_of(d->front_evidence_id, d->certificate_confirmed);
}

static enum task_state attachments_state(const struct draft *d)
{
	return state_of(d->attachments > 0, d->attachments > 0 && d->attachments_given);
}

static const struct task {
	const char *name, *title, *words;
	enum task_state (*state)(const struct draft *d);
} tasks[] = {
	{"company", "企业信息", "上传营业执照、事业单位或社会团体证书，核对名称、代码和地址", company_state},
	{"letter", "授权书", "打印、签字盖章后上传", letter_state},
	{"person", "责任人身份", "上传责任人的身份证两面并核对", person_state},
	{"attachments", "附件", "签字盖章的文件，最多 10 个", attachments_state},
};

/* Where a task is gone on with: its first step that is not done, or its first. */
static const struct step *entrance(const struct flow_visit *v, const char *task)
{
	const struct step *first = NULL;

	for (const struct step *const *s = v->flow->steps; *s; s++) {
		if (!text_equal((*s)->task, task) || ((*s)->needed && !(*s)->needed(&v->draft)))
			continue;
		if (!(*s)->done(&v->draft))
			return *s;
		first = first ? first : *s;
	}
	return first;
}

static bool tasks_done(const struct draft *d)
{
	(void)d;
	return true; /* the tasks are what is done or not (flow_resume) */
}

/* As long as there is a task that could be filled. */
static bool offers_reuse(const struct draft *d)
{
	return !d->business_evidence_id || (!d->front_evidence_id && !text_equal(d->kind, "update"));
}

static enum status tasks_show(struct flow_visit *v)
{
	struct view *view = request_view(v->r);
	struct arena *a = v->r->arena;
	const char *id, *number;
	int n = 0, left = 0;
	enum status st;

	for (size_t i = 0; i < sizeof tasks / sizeof *tasks; i++) {
		const struct step *s = entrance(v, tasks[i].name);
		enum task_state state = tasks[i].state(&v->draft);

		if (!s)
			continue;
		left += state != TASK_DONE;
		view_item(view, "Tasks", n, "title", tasks[i].title);
		view_item(view, "Tasks", n, "words", tasks[i].words);
		view_item(view, "Tasks", n, "state", labels[state]);
		view_item(view, "Tasks", n, "look", looks[state]);
		view_item(view, "Tasks", n++, "url", arena_printf(a, "/%s/%s", v->flow->slug, s->slug));
	}
	view_int(view, "Tasks.left", left);
	view_flag(view, "Tasks.ready", left == 0);
	if (!offers_reuse(&v->draft))
		return ST_OK;
	st = papers_last(v->r->site->db, a, &v->draft, &id, &number);
	view_set(view, "Tasks.last", st == ST_OK ? number : NULL);
	return st;
}

/* Again the papers of the last batch, or on to where the answers lead. */
static enum status tasks_submit(struct flow_visit *v)
{
	struct request *r = v->r;
	struct db *db = r->site->db;
	const char *id, *number;
	enum status st;

	if (!text_equal(request_field(r, "action"), "reuse"))
		return ST_OK;
	st = flow_lock(v);
	if (st == ST_OK)
		st = papers_last(db, r->arena, &v->draft, &id, &number);
	if (st == ST_OK && id)
		st = papers_reuse(db, r->arena, r->site->config, r->site->keys, &v->actor, &v->draft, id, false);
	if (st == ST_OK)
		st = db_commit(db);
	return st == ST_OK ? flow_go(v, v->step->slug) : st;
}

const struct step step_tasks = {
	.slug = "tasks", .template_name = "fleet/tasks", .heading = "任务清单", .part = 3, .done = tasks_done, .show = tasks_show, .submit = tasks_submit};
