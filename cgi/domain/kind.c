/* A new kind is a line in each table, a flow or another way to start it, and its words. */
#include "domain/kind.h"

#include <stddef.h>
#include <string.h>

static const struct application_kind kinds[] = {
	{"register", true, false, true, "result_ok", "result_refused", "实名成功"},
	{"cancel", false, true, false, "cancel_ok", "cancel_refused", "已注销"},
	{"update", true, true, false, "update_ok", "update_refused", "已变更"},
	{"transfer", true, true, true, "result_ok", "result_refused", "已过户"},
	{"replace_card", true, true, false, "update_ok", "update_refused", "已换卡"},
	{"vehicle_status", false, false, false, NULL, NULL, "已变更"},
};

/* The old card of a replacement is told as a cancellation. */
static const struct card_business businesses[] = {
	{"register", "whole", true, false, "register", "register", TOLD_SOLD},
	{"cancel", "whole", false, true, "cancel", "cancel", TOLD_ENDED},
	{"update", "whole", true, true, "update", "update", TOLD_CAR},
	{"transfer", "whole", true, true, "transfer", "transfer", TOLD_TRANSFERRED},
	{"replace_card", "old", false, true, "replace_card_old", "cancel", TOLD_ENDED},
	{"replace_card", "new", true, false, "replace_card", "replace_card", TOLD_CAR},
	{"vehicle_status", "whole", false, false, "vehicle_status", "vehicle_status", TOLD_CHANGED},
};

const struct application_kind *application_kind(const char *name)
{
	for (size_t i = 0; name && i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(kinds[i].name, name) == 0)
			return &kinds[i];
	return NULL;
}

const char *application_state_label(const char *kind, enum card_state state)
{
	const struct application_kind *k = application_kind(kind);

	return state == CARD_DONE && k ? k->done_label : transition_label(state, false);
}

const struct card_business *card_business(const char *kind, const char *part)
{
	for (size_t i = 0; kind && part && i < sizeof(businesses) / sizeof(businesses[0]); i++)
		if (strcmp(businesses[i].kind, kind) == 0 && strcmp(businesses[i].part, part) == 0)
			return &businesses[i];
	return NULL;
}

const char *told_vehicle_status(enum told_status rule, int car_status)
{
	static const char *const names[] = {NULL, "1", "2", "3", "4", "5", "6"};
	int told = 4;

	if (rule == TOLD_TRANSFERRED)
		told = 5;
	else if (rule == TOLD_CHANGED || (rule == TOLD_CAR && car_status > 4) || (rule == TOLD_ENDED && car_status == 6))
		told = car_status;
	return told >= 1 && told <= 6 ? names[told] : NULL;
}
