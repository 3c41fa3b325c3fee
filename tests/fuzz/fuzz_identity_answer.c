/* The first byte chooses what was asked and the HTTP status, the rest is the answer of the identity provider: never a crash, never
 * a pass without the word for it. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "providers/tencent_identity.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool carries(const struct provider_result *r)
{
	assert(r->raw_code && strlen(r->raw_code) <= 100 && (r->class == PROVIDER_PASS) == (r->cause == NULL));
	return r->class == PROVIDER_PASS || r->class == PROVIDER_REVIEW;
}

static void check_liveness(struct arena *arena, int status, struct bytes text)
{
	struct provider_result r;
	struct bytes frame;
	tencent_read_liveness(arena, status, text, &frame, &r);
	carries(&r);
	assert(r.class != PROVIDER_PASS || status == 200);
	assert(r.score == -1 || (r.score >= 0 && r.score <= 100));
	assert(!frame.data || (frame.length >= 4 && frame.data[0] == 0xff && frame.length <= TENCENT_FRAME_BYTES_MAX));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct arena *arena;
	int choice = size ? data[0] : 0, status = choice & 0x80 ? 503 : 200;
	struct provider_result r;
	struct identity_card_front front;
	struct identity_card_back back;
	char *digits;

	if (!arena)
		arena = arena_create();
	size -= size > 0;
	struct bytes text = {arena_memdup(arena, data + 1, size), size};
	struct identity_licence licence;
	switch (choice % 5) {
	case 0:
		tencent_read_front(arena, status, text, &front, &r);
		assert(carries(&r) ==
		       (front.name && front.sex && front.nation && front.birth && front.address && front.number && *front.number));
		break;
	case 1:
		tencent_read_back(arena, status, text, &back, &r);
		assert(carries(&r) == (back.authority && back.validity && *back.validity));
		break;
	case 2:
		tencent_read_live_code(arena, status, text, &digits, &r);
		carries(&r);
		assert((r.class == PROVIDER_PASS) == (digits != NULL));
		assert(!digits || (strlen(digits) <= 8 && !digits[strspn(digits, "0123456789")]));
		break;
	case 3:
		tencent_read_licence(arena, status, text, &licence, &r);
		assert(carries(&r) == (licence.name && licence.code && licence.address && licence.validity && (*licence.name || *licence.code)));
		break;
	default:
		check_liveness(arena, status, text);
	}
	arena_reset(arena);
	return 0;
}
