/* The first byte chooses the HTTP status, the rest is the answer of a carrier: never a crash, and done only for what says so. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "t1/wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const int statuses[] = {200, 200, 200, 204, 400, 405, 500, 0};
	static struct arena *arena;
	struct t1_answer answer, again;
	int status = statuses[size ? data[0] % 8 : 0];

	if (!arena)
		arena = arena_create();
	size -= size > 0;
	const unsigned char *text = arena_memdup(arena, data + 1, size);
	t1_read_answer(arena, status, (struct bytes){text, size}, "0123456789abcdefGHIJ", &answer);
	t1_read_answer(arena, status, (struct bytes){text, size}, "0123456789abcdefGHIJ", &again);
	assert(answer.outcome == again.outcome);
	assert((answer.outcome == T1_DONE) == (answer.cause == NULL));
	if (answer.outcome == T1_DONE || answer.outcome == T1_REFUSED)
		assert(status != 0 && status != 500 && memmem(text, size, "OprRst", 6));
	if (answer.cause) {
		assert(text_is_utf8(answer.cause, strlen(answer.cause)) && text_characters(answer.cause) <= T1_CAUSE_CHARACTERS_MAX);
		assert(!strpbrk(answer.cause, "\r\n") && text_prefix(t1_refusal_key(answer.cause), "t1."));
	}
	arena_reset(arena);
	return 0;
}
