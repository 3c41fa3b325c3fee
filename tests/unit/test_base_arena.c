/* The arena: zeroed and aligned pieces, large ones, cleanups in reverse order, reuse after a reset. */
#include "base/arena.h"

#include <stdint.h>

#include "test.h"

static char order[8];

static void note(void *object)
{
	strcat(order, object);
}

static void test_arena_pieces_are_zeroed_and_aligned(void)
{
	struct arena *a = arena_create();
	for (int round = 0; round < 3; round++) {
		for (size_t size = 0; size < 3000; size += 7) {
			unsigned char *piece = arena_alloc(a, size);
			CHECK((uintptr_t)piece % _Alignof(max_align_t) == 0);
			for (size_t i = 0; i < size; i++) {
				if (piece[i]) {
					CHECK(!"zeroed");
					break;
				}
			}
			memset(piece, 0xaa, size);
		}
		arena_reset(a);
	}
	arena_destroy(a);
}

static void test_arena_large_pieces_do_not_overlap(void)
{
	struct arena *a = arena_create();
	char *small = arena_strdup(a, "small"), *large = arena_alloc(a, 1000000), *after = arena_strdup(a, "after");
	memset(large, 'x', 1000000);
	CHECK_TEXT(small, "small");
	CHECK_TEXT(after, "after");
	arena_destroy(a);
}

static void test_arena_copies_text(void)
{
	struct arena *a = arena_create();
	CHECK(arena_strdup(a, NULL) == NULL);
	CHECK_TEXT(arena_strndup(a, "abcdef", 3), "abc");
	CHECK_TEXT(arena_strndup(a, "ab", 30), "ab");
	CHECK_TEXT(arena_printf(a, "%s-%d", "x", 42), "x-42");
	CHECK(memcmp(arena_memdup(a, "a\0b", 3), "a\0b", 3) == 0);
	arena_destroy(a);
}

static void test_arena_cleanups_run_last_first_and_once(void)
{
	struct arena *a = arena_create();
	char one[] = "1", two[] = "2", three[] = "3";
	order[0] = '\0';
	arena_cleanup(a, note, one);
	arena_cleanup(a, note, two);
	arena_reset(a);
	CHECK_TEXT(order, "21");
	arena_cleanup(a, note, three);
	arena_destroy(a);
	CHECK_TEXT(order, "213");
	arena_destroy(NULL);
}

static void test_status_messages(void)
{
	CHECK(status_fail(ST_LIMIT, "first %d", 1) == ST_LIMIT);
	CHECK(status_fail(ST_ERROR, "second: %s", status_message()) == ST_ERROR);
	CHECK_TEXT(status_message(), "second: first 1");
	CHECK_TEXT(status_name(ST_OK), "ok");
	CHECK_TEXT(status_name(ST_ERROR), "error");
	CHECK_TEXT(status_name(ST_UNAVAILABLE), "unavailable");
	CHECK_TEXT(status_name(ST_MAX), "unknown");
}

int main(void)
{
	RUN(test_arena_pieces_are_zeroed_and_aligned);
	RUN(test_arena_large_pieces_do_not_overlap);
	RUN(test_arena_copies_text);
	RUN(test_arena_cleanups_run_last_first_and_once);
	RUN(test_status_messages);
	return test_failures;
}
