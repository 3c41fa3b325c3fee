/* The body of a call, as instruction and as result: never a crash, and only what is safe in names and statements is taken. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "t1/incoming.h"
#include "t1/wire.h"

#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_answer(struct arena *arena, const struct t1_incoming *m)
{
	const char *answer = t1_incoming_answer(arena, m->request_id, T1_BAD_REQUEST);
	const cJSON *object = json_read_object(arena, (struct bytes){(const unsigned char *)answer, strlen(answer)});

	assert(object && strcmp(json_string(object, "RequestID"), m->request_id) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct arena *arena;
	struct t1_incoming m;

	if (!arena)
		arena = arena_create();
	const unsigned char *text = arena_memdup(arena, data, size);
	bool read = t1_incoming_read(&m, arena, (struct bytes){text, size});
	assert(strlen(m.request_id) <= T1_ECHO_MAX);
	check_answer(arena, &m);
	if (read) {
		assert(size <= T1_INCOMING_BYTES_MAX && *m.platform_id);
		struct t1_incoming result = m;
		if (t1_incoming_instruction(&m, arena)) {
			assert(strspn(m.request_id, "0123456789" LETTERS) == strlen(m.request_id) && strlen(m.request_id) >= 20 &&
			       strlen(m.request_id) <= 32);
			assert(strspn(m.code, "0123456789" LETTERS) == strlen(m.code));
			assert(strspn(m.iccid, "0123456789ABCDEF") == strlen(m.iccid) && strlen(m.iccid) >= 19 && strlen(m.iccid) <= 20);
		}
		if (t1_incoming_result(&result, arena))
			assert(result.done == !result.cause &&
			       (result.done || (*result.cause && text_characters(result.cause) <= T1_CAUSE_CHARACTERS_MAX)));
	}
	arena_reset(arena);
	return 0;
}
