/* What happens on a transition (audit, messages, jobs) is elsewhere: here is only whether it may happen. */
#include "domain/transition.h"

#include <string.h>

#define TO(state) (1u << (state))

static const struct {
	const char *name, *label;
	unsigned next; /* bits of enum card_state */
} states[CARD_STATE_MAX] = {
	[CARD_DRAFT] = {"draft", "未提交", TO(CARD_SUBMITTED) | TO(CARD_WITHDRAWN) | TO(CARD_EXPIRED)},
	[CARD_SUBMITTED] = {"submitted", "已受理", TO(CARD_PUSHING) | TO(CARD_REVIEW) | TO(CARD_WITHDRAWN)},
	[CARD_REVIEW] = {"review", "人工审核中", TO(CARD_PUSHING) | TO(CARD_REFUSED) | TO(CARD_NEEDS_MORE) | TO(CARD_WITHDRAWN)},
	[CARD_NEEDS_MORE] = {"needs_more", "待补充", TO(CARD_REVIEW) | TO(CARD_REFUSED) | TO(CARD_WITHDRAWN)},
	[CARD_PUSHING] = {"pushing", "推送中", TO(CARD_DONE) | TO(CARD_REFUSED)},
	[CARD_DONE] = {"done", "实名成功", 0},
	[CARD_REFUSED] = {"refused", "未通过", 0},
	[CARD_WITHDRAWN] = {"withdrawn", "已撤回", 0},
	[CARD_EXPIRED] = {"expired", "已过期", 0},
};

static bool known(enum card_state s)
{
	return (unsigned)s < CARD_STATE_MAX;
}

bool transition_allowed(enum card_state from, enum card_state to)
{
	return known(from) && known(to) && (states[from].next & TO(to));
}

bool transition_final(enum card_state s)
{
	return known(s) && states[s].next == 0;
}

const char *transition_name(enum card_state s)
{
	return known(s) ? states[s].name : "";
}

bool transition_by_name(enum card_state *out, const char *name)
{
	for (int i = 0; i < CARD_STATE_MAX; i++)
		if (name && strcmp(states[i].name, name) == 0) {
			*out = (enum card_state)i;
			return true;
		}
	return false;
}

const char *transition_label(enum card_state s, bool cancels)
{
	if (s == CARD_DONE && cancels)
		return "已注销";
	return known(s) ? states[s].label : "";
}
