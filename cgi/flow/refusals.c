/* Refusals: each is a page of its own that says why and where to go. A new one is a line here. */
#include <string.h>

#include "base/clock.h"
#include "flow/steps.h"
#include "store/submission.h"

static const struct refusal_page {
	const char *slug, *title, *text, *next, *action, *action_text; /* {date}, {n}, {age}, {tel}: filled from the settings; an action without "/" is a step of the flow */
} pages[] = {
	{"registered", "这辆车已完成实名登记", "车上的车联网卡都已经登记过了，无需重复办理。",
         "是您本人登记的，可以查看登记记录；刚买的二手车，请原车主先注销。不是您办理的，请拨打客服电话 {tel} 告诉我们。",
         "/records", "查看登记记录"},
	{"registered-mine", "您已登记过", "这辆车的车联网卡是您本人登记的，登记还有效，不用再办理。",
         "换了手机号或换了证件，请办理“信息变更”；卖车或报废，请办理“车主注销”。有疑问请拨打 {tel}。", "/records", "查看登记记录"},
	{"not-registered", "这辆车没有有效的登记", "车上的车联网卡没有登记，或者已经注销，没有可以注销或变更的。", "如果您认为登记还在，请拨打客服电话 {tel} 查询。",
         "/records", "查看登记记录"},
	{"not-holder", "只能由登记人本人办理", "您的证件与这张车联网卡登记的不是同一个人，不能在线办理。",
         "请登记人本人用登记时的证件办理。买了二手车、联系不上原登记人，请带行驶证和身份证到 4S 店，或拨打客服电话 {tel}。", "/", "返回首页"},
	{"open", "这辆车正在办理中", "车上的车联网卡已有一笔申请正在办理，请等它办完。", "如果不是您本人办理的，请拨打客服电话 {tel} 告诉我们。",
         "/records", "查看登记记录"},
	{"card-moved", "车上的车联网卡有变化", "您选择的车联网卡现在已不在这辆车上，不能按原来的选择提交。",
         "请重新选择车上现有的卡，再核对提交，其他内容不用重新填写。有疑问请拨打客服电话 {tel}。", "cards", "重新选择车联网卡"},
	{"no-card", "这辆车上没有车联网卡", "系统里查不到这辆车现在装的车联网卡，不能在线办理。",
         "车上装着车联网卡的，请拨打客服电话 {tel}，我们核对后您再来办理。", "/", "返回首页"},
	{"too-new", "这辆车需要到网点办理", "这辆车在 {date} 之后入网。按规定，新入网的车辆由购车的 4S 店现场办理。",
         "请车主本人带身份证到购车的 4S 店，或拨打客服电话 {tel} 查询最近的网点。", "/", "返回首页"},
	{"too-many-cards", "名下的车联网卡已到上限", "按规定，一人在同一家运营商最多办理 {n} 张车联网卡，这次办理会超过上限。",
         "请车主本人带身份证到运营商指定营业厅办理；不清楚是哪家营业厅，请拨打 {tel}。", "cards", "少选几张卡"},
	{"company", "这是单位名下的车", "这辆车登记在单位名下，需要由单位办理“企业车主实名认证”。",
         "请单位经办人用手机号登录“企业车主办理”。这辆车是您个人的，请拨打客服电话 {tel}。", "/fleet", "去企业车主办理"},
	{"certificate-expired", "证件已过有效期", "您填写的证件已经过期，不能用来办理实名登记。",
         "请换用有效的证件重新拍照。如果有效期填错了，请返回修改。没有有效证件，请拨打 {tel}。", "identity", "返回修改有效期"},
	{"under-age", "未满 {age} 周岁不能在线办理", "按您填写的证件号码，办理人还不满 {age} 周岁。",
         "请由家长陪同，带户口本和身份证到购车的 4S 店办理，或拨打客服电话 {tel}。如果证件号码填错了，请返回修改。", "identity", "返回修改证件号码"},
};

/* The text with its placeholders filled. */
static char *fill(struct request *r, const char *text)
{
	struct buffer b;
	struct date limit;

	buffer_init(&b, r->arena, 2000);
	for (const char *p = text; *p; p++) {
		if (text_prefix(p, "{tel}")) {
			buffer_text(&b, r->site->config->hotline);
			p += 4;
		} else if (text_prefix(p, "{n}")) {
			buffer_printf(&b, "%d", r->site->config->cards_per_person);
			p += 2;
		} else if (text_prefix(p, "{age}")) {
			buffer_printf(&b, "%d", r->site->config->age_minimum);
			p += 4;
		} else if (text_prefix(p, "{date}")) {
			if (date_parse(&limit, r->site->config->network_date_limit))
				buffer_printf(&b, "%d 年 %d 月 %d 日", limit.year, limit.month, limit.day);
			p += 5;
		} else {
			buffer_add(&b, p, 1);
		}
	}
	return b.data;
}

enum status refuse(struct flow_visit *v, const char *slug)
{
	bool own = false;
	enum status st = strcmp(slug, "registered") == 0 ? submission_own(v->r->site->db, v->r->arena, &v->draft, &own) : ST_OK;

	if (st != ST_OK)
		return st;
	if (own) /* his own registration may be named; another's not */
		slug = "registered-mine";
	return respond_redirect(v->r, arena_printf(v->r->arena, "/%s/refused/%s", v->flow->slug, slug));
}

enum status refusal_serve(struct request *r)
{
	struct view *v = request_view(r);
	struct draft d;
	enum status st = draft_load(r->site->db, r->arena, session_hash(r), &d);

	if (st != ST_OK)
		return st;
	for (size_t i = 0; i < sizeof pages / sizeof *pages; i++) {
		const struct refusal_page *p = &pages[i];

		if (strcmp(p->slug, r->tail) != 0)
			continue;
		view_set(v, "Refusal.slug", p->slug);
		view_flag(v, "Refusal.saved", d.exists && !d.submitted_at);
		view_set(v, "Refusal.title", fill(r, p->title));
		view_set(v, "Refusal.text", fill(r, p->text));
		view_set(v, "Refusal.next", fill(r, p->next));
		view_set(v, "Refusal.action_url", p->action[0] == '/' ? p->action : arena_printf(r->arena, "/%s/%s", flow_of_path(r->path)->slug, p->action));
		view_set(v, "Refusal.action_text", p->action_text);
		page_common(r, fill(r, p->title), NULL);
		view_set(v, "Page.back", "/");
		return respond_page(r, 200, "refusal");
	}
	return ST_NOT_FOUND;
}
