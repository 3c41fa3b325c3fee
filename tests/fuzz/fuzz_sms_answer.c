/* The first byte chooses the HTTP status, the rest is the answer of the short-message provider: never a crash, sent only for "Ok". */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "providers/tencent_sms.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct arena *arena;
	struct provider_result r;
	char *serial;
	int status = size && data[0] & 0x80 ? 502 : 200;

	if (!arena)
		arena = arena_create();
	size -= size > 0;
	struct bytes text = {arena_memdup(arena, data + 1, size), size};
	tencent_read_sms(arena, status, text, &serial, &r);
	assert(r.raw_code && strlen(r.raw_code) <= 100 && (r.class == PROVIDER_PASS) == (r.cause == NULL));
	assert((r.class == PROVIDER_PASS) == (serial != NULL));
	assert(r.class != PROVIDER_PASS || (status == 200 && strcmp(r.raw_code, "Ok") == 0));
	assert(!provider_may_have_acted(&r) || r.class == PROVIDER_TRANSIENT);
	arena_reset(arena);
	return 0;
}
