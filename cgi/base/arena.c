/* Blocks that are handed out piece by piece and freed together. With ARENA_DEBUG every piece is an allocation of its
 * own, so that the address sanitizer sees where each one ends. Everything is overwritten before it goes back to the
 * system: requests carry personal data. */
#include "base/arena.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"

#if defined(__SANITIZE_ADDRESS__) && !defined(ARENA_DEBUG)
#define ARENA_DEBUG 1
#endif

#define BLOCK_SIZE ((size_t)32 * 1024)
#define ALIGNMENT _Alignof(max_align_t)

struct block {
	struct block *next;
	size_t used, size;
	max_align_t data[];
};

struct cleanup {
	struct cleanup *next;
	void (*release)(void *);
	void *object;
};

struct arena {
	struct block *blocks; /* the first one is the one that is filled */
	struct cleanup *cleanups;
};

static _Noreturn void out_of_memory(size_t size)
{
	log_error("memory", "no memory for %zu bytes", size);
	abort();
}

static struct block *block_create(size_t size)
{
	struct block *block = malloc(sizeof(*block) + size);
	if (!block)
		out_of_memory(size);
	*block = (struct block){.size = size};
	return block;
}

static void block_free(struct block *block)
{
	explicit_bzero(block->data, block->used);
	free(block);
}

static void run_cleanups(struct arena *a)
{
	/* a cleanup may use memory of the arena, even allocate */
	while (a->cleanups) {
		struct cleanup *one = a->cleanups;
		a->cleanups = one->next;
		one->release(one->object);
	}
}

struct arena *arena_create(void)
{
	struct arena *a = calloc(1, sizeof(*a));
	if (!a)
		out_of_memory(sizeof(*a));
	return a;
}

void arena_destroy(struct arena *a)
{
	if (!a)
		return;
	run_cleanups(a);
	while (a->blocks) {
		struct block *next = a->blocks->next;
		block_free(a->blocks);
		a->blocks = next;
	}
	free(a);
}

void arena_reset(struct arena *a)
{
	struct block *keep = NULL;
	run_cleanups(a);
	while (a->blocks) {
		struct block *next = a->blocks->next;
		if (!keep && a->blocks->size == BLOCK_SIZE)
			keep = a->blocks;
		else
			block_free(a->blocks);
		a->blocks = next;
	}
	if (keep) {
		explicit_bzero(keep->data, keep->used);
		keep->used = 0;
		keep->next = NULL;
	}
	a->blocks = keep;
}

#ifdef ARENA_DEBUG
/* One block a piece, exactly as long as asked for. */
static void *take(struct arena *a, size_t size)
{
	struct block *block = block_create(size);
	block->used = size;
	block->next = a->blocks;
	a->blocks = block;
	return block->data;
}
#else
static void *take(struct arena *a, size_t size)
{
	struct block *block = a->blocks;
	size = (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
	if (!size)
		size = ALIGNMENT;
	if (!block || block->size - block->used < size) {
		block = block_create(size > BLOCK_SIZE / 4 ? size : BLOCK_SIZE);
		if (block->size != BLOCK_SIZE && a->blocks) { /* a large piece does not end the block that is being filled */
			block->next = a->blocks->next;
			a->blocks->next = block;
		} else {
			block->next = a->blocks;
			a->blocks = block;
		}
	}
	void *piece = (char *)block->data + block->used;
	block->used += size;
	return piece;
}
#endif

void *arena_alloc(struct arena *a, size_t size)
{
	if (size > SIZE_MAX / 2)
		out_of_memory(size);
	void *piece = take(a, size);
	memset(piece, 0, size);
	return piece;
}

char *arena_strdup(struct arena *a, const char *text)
{
	return text ? arena_memdup(a, text, strlen(text) + 1) : NULL;
}

char *arena_strndup(struct arena *a, const char *text, size_t length)
{
	if (!text)
		return NULL;
	size_t real = strnlen(text, length);
	char *copy = arena_alloc(a, real + 1);
	memcpy(copy, text, real);
	return copy;
}

void *arena_memdup(struct arena *a, const void *bytes, size_t length)
{
	void *copy = arena_alloc(a, length);
	if (length)
		memcpy(copy, bytes, length);
	return copy;
}

char *arena_vprintf(struct arena *a, const char *format, va_list args)
{
	va_list again;
	va_copy(again, args);
	int length = vsnprintf(NULL, 0, format, again);
	va_end(again);
	if (length < 0)
		out_of_memory(0);
	char *text = arena_alloc(a, (size_t)length + 1);
	vsnprintf(text, (size_t)length + 1, format, args);
	return text;
}

char *arena_printf(struct arena *a, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	char *text = arena_vprintf(a, format, args);
	va_end(args);
	return text;
}

void arena_cleanup(struct arena *a, void (*release)(void *), void *object)
{
	struct cleanup *one = arena_alloc(a, sizeof(*one));
	*one = (struct cleanup){.next = a->cleanups, .release = release, .object = object};
	a->cleanups = one;
}
