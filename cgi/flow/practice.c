/* 模拟办理: the pages of a flow filled with samples, so that people can try it out. The same templates and the same rules for what is
 * typed; the one thing kept is a cookie with the step that was reached. Must not know how anything is kept: it calls nothing that
 * writes (tests/lint/practice.sh), and it works while the database is away. */
#include <string.h>

#include "domain/kind.h"
#include "flow/steps.h"

#define PREFIX "/practice"
#define COOKIE "__Host-practice"
#define COOKIE_LIFE_S 86400

#define SAMPLE_VIN "LTEST0A12RA000001"
#define SAMPLE_SIX "123456"
#define SAMPLE_PHONE "13800138000"
#define SAMPLE_CODE "123456"
#define SAMPLE_NUMBER "110101199003070011" /* of the published example, nobody's */

enum camera { CAMERA_NONE, CAMERA_PHOTO, CAMERA_CLIP };

/* What practice makes of a step. */
struct lesson {
	const struct step *step;
	enum status (*show)(struct flow_visit *v); /* in place of the step's own */
	void (*judge)(struct request *r);          /* in place of step.typed */
	enum camera camera;
	const char *hint;                          /* above the heading */
	const char *button;                        /* beside the hint, posts action=sample; NULL: none */
	const char *again;                         /* another action that shows the page again */
	struct {
		const char *name, *value;
	} samples[2];                              /* what the button fills in */
};

static const struct holder person = {
	.certificate_type = "ID_CARD", .name = "张三", .number = SAMPLE_NUMBER, .address = "示例市示例区示例路 1 号", .valid_from = "2015-08-01", .valid_until = "2035-08-01"};
static const struct reading front_reading = {.name = "张三", .sex = "男", .number = SAMPLE_NUMBER};
static const struct reading back_reading = {.authority = "示例市公安局", .validity = "2015.08.01-2035.08.01"};

/* The answers that pages look at. passed: the page's own step was done before. */
static struct draft sample_draft(const struct flow *f, const struct config *config, bool passed)
{
	bool registered = application_kind(f->kind)->ends;

	return (struct draft){
		.kind = f->kind,
		.front_ready = passed,
		.back_ready = passed,
		.liveness_passed = passed,
		.vin = SAMPLE_VIN,
		.brand = "示例牌",
		.model = "远行 X2",
		.color = "曜石黑",
		.network_date = config->network_date_limit, /* the last day that is not too new */
		.cards = {{.id = "sample-1", .iccid = "89860400000000000015", .registered = registered},
		          {.id = "sample-2", .iccid = "89860400000000000023", .registered = registered}},
		.card_count = 2,
	};
}

static enum status show_nothing(struct flow_visit *v)
{
	(void)v;
	return ST_OK;
}

static enum status show_vehicle(struct flow_visit *v)
{
	v->draft.vin = NULL; /* nothing was kept that could be filled in */
	vehicle_fill(v);
	return ST_OK;
}

static enum status show_cards(struct flow_visit *v)
{
	return step_cards.show(v);
}

static void judge_cards(struct request *r)
{
	if (!request_field(r, "card"))
		form_error(r, "card", "card.none", NULL);
}

static enum status show_code(struct flow_visit *v)
{
	struct view *view = request_view(v->r);

	view_set(view, "Phone.masked", mask_phone(v->r->arena, SAMPLE_PHONE));
	view_set(view, "Phone.change", arena_printf(v->r->arena, "/%s/phone", v->flow->slug));
	view_flag(view, "Sms.can_resend", 1);
	return ST_OK;
}

static enum status show_side(struct flow_visit *v, const char *side, const struct reading *reading, bool ready)
{
	struct view *view = request_view(v->r);

	side_fill(v, side);
	if (!ready)
		return ST_OK;
	view_set(view, "Practice.hint", "照片没有离开您的手机。下面显示的是示例内容。");
	view_set(view, "Practice.button", "");
	view_set(view, "Reading.state", "done");
	reading_fill(v, reading);
	return ST_OK;
}

static enum status show_front(struct flow_visit *v)
{
	return show_side(v, "front", &front_reading, v->draft.front_ready);
}

static enum status show_back(struct flow_visit *v)
{
	return show_side(v, "back", &back_reading, v->draft.back_ready);
}

static enum status show_identity(struct flow_visit *v)
{
	view_set(request_view(v->r), "Type.label", draft_certificate(&v->draft)->label);
	view_flag(request_view(v->r), "Identity.read", 1);
	identity_fill(v->r, &person);
	return ST_OK;
}

static enum status show_liveness(struct flow_visit *v)
{
	struct view *view = request_view(v->r);

	if (v->draft.liveness_passed) {
		view_set(view, "Live.state", "passed");
		view_set(view, "Practice.hint", "录像没有离开您的手机，也没有核验。");
		view_set(view, "Practice.button", "");
		return ST_OK;
	}
	view_set(view, "Live.state", "ready");
	view_set(view, "Live.digits", "9873");
	view_set(view, "Live.words", "九 八 七 三");
	return ST_OK;
}

static enum status show_agreements(struct flow_visit *v)
{
	struct db *db = v->r->site->db;

	/* The real list with its versions, when it can be read. */
	if (!db || db_ready(db) != ST_OK || step_agreements.show(v) != ST_OK)
		agreements_name(v);
	return ST_OK;
}

static enum status show_check(struct flow_visit *v)
{
	for (int i = 0; i < v->draft.card_count; i++)
		v->draft.cards[i].chosen = true;
	check_fill(v, &person, draft_certificate(&v->draft), SAMPLE_PHONE);
	return ST_OK;
}

/* A step of a flow without a line here is left out of its practice. */
static const struct lesson lessons[] = {
	{&step_notice, show_nothing, .hint = "这里只是练习，步骤和正式办理一样。每一步都有示例，不用填真实信息。"},
	{&step_vehicle,
         show_vehicle,
         .hint = "可以用示例车练习：车架号 " SAMPLE_VIN "，发动机号后 6 位 " SAMPLE_SIX "。",
         .button = "填入示例",
         .samples = {{"vin", SAMPLE_VIN}, {"proof", SAMPLE_SIX}}},
	{&step_cards, show_cards, judge_cards, .hint = "下面是示例车和示例卡，不管刚才填的是哪辆车。", .again = "all"},
	{&step_phone,
         show_nothing,
         .hint = "不会真的发短信。可以用示例号码 " SAMPLE_PHONE "。",
         .button = "填入示例",
         .samples = {{"phone", SAMPLE_PHONE}}},
	{&step_code,
         show_code,
         .hint = "没有真的发短信，下面的手机号是示例。请填验证码 " SAMPLE_CODE "，填别的 6 位数字也可以。",
         .button = "填入示例",
         .again = "resend",
         .samples = {{"code", SAMPLE_CODE}}},
	{&step_front, show_front, .camera = CAMERA_PHOTO, .hint = "可以真的拍一张练习，照片不会上传；也可以用下面图中的示例证件。", .button = "用示例证件"},
	{&step_back, show_back, .camera = CAMERA_PHOTO, .hint = "可以真的拍一张练习，照片不会上传；也可以用下面图中的示例证件。", .button = "用示例证件"},
	{&step_identity, show_identity, .hint = "下面是示例人员的信息，不是您的。可以改一改，看看填错时怎样提示。"},
	{&step_consent, show_nothing, .hint = "接下来练习录像，录像不会上传。这里勾选同意，不作记录。"},
	{&step_liveness,
         show_liveness,
         .camera = CAMERA_CLIP,
         .hint = "可以真的录一段练习，录像不会上传；不方便录像可以跳过。",
         .button = "跳过录像",
         .again = "digits"},
	{&step_agreements, show_agreements, .hint = "协议是正式办理用的，可以点开看。这里勾选同意，不作记录。"},
	{&step_check, show_check, .hint = "下面是示例内容。按最下面的按钮，不会真的提交。"},
};

static const struct lesson *lesson_of(const struct step *s)
{
	for (size_t i = 0; i < sizeof lessons / sizeof *lessons; i++)
		if (strcmp(lessons[i].step->slug, s->slug) == 0)
			return &lessons[i];
	return NULL;
}

/* The flow as it is practised: under /practice, each step with the lesson's show and nothing that asks or changes a draft. */
static struct flow *practice_of(struct arena *a, const struct flow *real, int *count)
{
	struct flow *f = arena_alloc(a, sizeof *f);

	*f = *real;
	f->slug = arena_printf(a, "%s/%s", &PREFIX[1], real->slug);
	*count = 0;
	for (int i = 0; real->steps[i]; i++) {
		const struct lesson *l = lesson_of(real->steps[i]);
		struct step *s;

		if (!l)
			continue;
		s = arena_alloc(a, sizeof *s);
		*s = (struct step){
			.slug = l->step->slug,
			.template_name = l->step->template_name,
			.heading = l->step->heading,
			.part = l->step->part,
			.show = l->show,
			.typed = l->judge ? l->judge : l->step->typed,
		};
		f->steps[(*count)++] = s;
	}
	f->steps[*count] = NULL;
	return f;
}

static const char *name_of(const struct flow *f, int i)
{
	return f->steps[i] ? f->steps[i]->slug : "done";
}

/* "register.vehicle": how far the visitor is; anything else is the beginning. */
static int reached(struct request *r, const struct flow *real, const struct flow *f, int count)
{
	const char *cookie = request_cookie(r, COOKIE);
	size_t n = strlen(real->slug);

	if (!cookie || strncmp(cookie, real->slug, n) != 0 || cookie[n] != '.')
		return 0;
	for (int i = 0; i <= count; i++)
		if (strcmp(cookie + n + 1, name_of(f, i)) == 0)
			return i;
	return 0;
}

static enum status finish(struct request *r, const struct flow *real)
{
	view_set(request_view(r), "Flow.slug", real->slug);
	page_common(r, "模拟完成", NULL);
	return respond_page(r, 200, "practice");
}

/* The posted form of step number at; reach is how far the visitor was before. */
static enum status post(struct flow_visit *v, const struct lesson *l, const struct flow *real, int at, int reach)
{
	struct request *r = v->r;
	const char *action = request_field(r, "action");
	bool sample = text_equal(action, "sample"), taken = l->camera && (sample || text_equal(action, "taken"));

	if (!l->camera && sample)
		for (int i = 0; i < 2 && l->samples[i].name; i++)
			form_value(r, l->samples[i].name, l->samples[i].value);
	if (text_equal(action, "manual"))
		view_set(request_view(r), "Practice.hint", "人工审核在正式办理时选择。这里练习录像的走法，录像不会上传，也可以跳过。");
	if (!taken && action && (sample || text_equal(action, "manual") || text_equal(action, l->again)))
		return flow_show(v, 200);
	if (l->camera && !taken && reach <= at)
		form_error(r, "file", "file.none", l->camera == CAMERA_CLIP ? "录像" : "证件照片");
	else if (v->step->typed)
		v->step->typed(r);
	if (form_errors(r) > 0)
		return flow_show(v, 422);
	if (at == 0 || reach <= at) /* beginning again begins anew */
		reach = at + 1;
	response_cookie(r, COOKIE, arena_printf(r->arena, "%s.%s", real->slug, name_of(v->flow, reach)), COOKIE_LIFE_S);
	/* A photo's page shows what was read; all else goes on. */
	return flow_go(v, taken && l->camera == CAMERA_PHOTO ? v->step->slug : name_of(v->flow, reach));
}

enum status practice_serve(struct request *r)
{
	struct flow_visit v = {.r = r};
	const struct flow *real = flow_of_path(r->path + strlen(PREFIX));
	const struct lesson *l;
	int count, reach, at = 0;

	if (!real)
		return respond_redirect(r, PREFIX "/register/notice"); /* the bare address */
	v.flow = practice_of(r->arena, real, &count);
	reach = reached(r, real, v.flow, count);
	while (at < count && strcmp(name_of(v.flow, at), r->tail) != 0)
		at++;
	if (strcmp(name_of(v.flow, at), r->tail) != 0)
		return ST_NOT_FOUND;
	if (at > reach)
		return flow_go(&v, name_of(v.flow, reach));
	if (at == count)
		return finish(r, real);
	v.step = v.flow->steps[at];
	v.draft = sample_draft(real, r->site->config, reach > at);
	l = lesson_of(v.step);
	view_set(request_view(r), "Practice.hint", l->hint);
	view_set(request_view(r), "Practice.button", l->button);
	return r->method == METHOD_POST ? post(&v, l, real, at, reach) : flow_show(&v, 200);
}
