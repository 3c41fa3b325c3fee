/* A new kind is a line here, a flow or another way to start it, and its words. */
#include "domain/kind.h"

#include <stddef.h>
#include <string.h>

static const struct application_kind kinds[] = {
	{"register", true, false, true, "4", "result_ok", "result_refused", "实名成功"},
	{"cancel", false, true, false, "4", "cancel_ok", "cancel_refused", "已注销"},
	{"update", true, true, false, "4", "update_ok", "update_refused", "已变更"},
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
