/* All shared texts stand behind each other in one block, which is wiped as it grows and in the end. Knows nothing of sheets. */
#include "table/texts.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define CUT 0x80000000u

struct texts {
	char *bytes;
	uint32_t *at; /* where each begins, and CUT */
	size_t used, room;
	size_t count, places;
	struct piece piece; /* of the text that is being read */
	bool in_text;       /* inside <t> */
	int in_reading;     /* how to read it aloud (<rPh>) is no part of a text */
};

void piece_add(struct piece *p, const char *text, size_t length)
{
	size_t room = sizeof p->text - 1 - p->length;

	if (length > room)
		length = room;
	memcpy(p->text + p->length, text, length);
	p->length += length;
	p->text[p->length] = '\0';
}

static int hex_digit(char c)
{
	const char *all = "0123456789abcdef", *at = c ? strchr(all, c >= 'A' && c <= 'F' ? c + 32 : c) : NULL;

	return at ? (int)(at - all) : -1;
}

/* The character that _xHHHH_ means; -1 when it is no such thing. */
static int escaped(const char *text)
{
	int code = 0;

	if (text[0] != '_' || text[1] != 'x')
		return -1;
	for (int i = 2; i < 6; i++) {
		if (hex_digit(text[i]) < 0)
			return -1;
		code = code << 4 | hex_digit(text[i]);
	}
	return text[6] == '_' && (code < 0xd800 || code > 0xdfff) ? code : -1;
}

static size_t put_character(char *to, int code)
{
	if (code < 0x80) {
		to[0] = (char)code;
		/* control characters are dropped: they are nothing a person typed */
		return code >= 0x20 || code == '\t' || code == '\n';
	}
	if (code < 0x800) {
		to[0] = (char)(0xc0 | code >> 6);
		to[1] = (char)(0x80 | (code & 0x3f));
		return 2;
	}
	to[0] = (char)(0xe0 | code >> 12);
	to[1] = (char)(0x80 | (code >> 6 & 0x3f));
	to[2] = (char)(0x80 | (code & 0x3f));
	return 3;
}

void piece_decode(struct piece *p)
{
	char *to, *from = p->text;

	p->text[p->length] = '\0';
	from = strstr(from, "_x");
	for (to = from; from && *from;) {
		int code = escaped(from);

		if (code < 0)
			*to++ = *from++;
		else {
			to += put_character(to, code);
			from += 7;
		}
	}
	if (to) {
		*to = '\0';
		p->length = (size_t)(to - p->text);
	}
}

/* Room for one more of size bytes in a block of *room, up to most. */
static bool grow(void **block, size_t *room, size_t used, size_t size, size_t most)
{
	size_t wanted = *room ? 2 * *room : 64 * 1024;
	void *larger;

	if (used + size <= *room)
		return true;
	if (used + size > most)
		return false;
	larger = malloc(wanted < most ? wanted : most);
	if (!larger)
		return false;
	if (*block) {
		memcpy(larger, *block, used);
		explicit_bzero(*block, used);
		free(*block);
	}
	*block = larger;
	*room = wanted < most ? wanted : most;
	return true;
}

static bool keep(struct texts *t)
{
	struct piece *p = &t->piece;
	void *bytes = t->bytes, *at = t->at;
	bool cut, fits;

	piece_decode(p);
	cut = p->length > TABLE_CELL_MAX;
	if (cut) {
		p->length = TABLE_CELL_MAX;
		while (p->length > 0 && ((unsigned char)p->text[p->length] & 0xc0) == 0x80)
			p->length--;
	}
	fits = grow(&bytes, &t->room, t->used, p->length + 1, TEXTS_BYTES_MAX);
	fits = grow(&at, &t->places, t->count * sizeof *t->at, sizeof *t->at, TEXTS_MAX * sizeof *t->at) && fits;
	t->bytes = bytes;
	t->at = at;
	if (!fits)
		return false;
	memcpy(t->bytes + t->used, p->text, p->length);
	t->bytes[t->used + p->length] = '\0';
	t->at[t->count++] = (uint32_t)t->used | (cut ? CUT : 0);
	t->used += p->length + 1;
	return true;
}

static void on_start(void *context, struct xml *x, const char *name, const char *const *attributes)
{
	struct texts *t = context;

	(void)x;
	(void)attributes;
	if (strcmp(name, "si") == 0)
		t->piece.length = 0;
	else if (strcmp(name, "rPh") == 0)
		t->in_reading++;
	else
		t->in_text = strcmp(name, "t") == 0 && !t->in_reading;
}

static void on_end(void *context, struct xml *x, const char *name)
{
	struct texts *t = context;

	t->in_text = false;
	if (strcmp(name, "rPh") == 0)
		t->in_reading--;
	else if (strcmp(name, "si") == 0 && !keep(t))
		xml_refuse(x, TABLE_TOO_LARGE);
}

static void on_text(void *context, struct xml *x, const char *text, size_t length)
{
	struct texts *t = context;

	(void)x;
	if (t->in_text)
		piece_add(&t->piece, text, length);
}

static void release(void *object)
{
	struct texts *t = object;

	if (t->bytes)
		explicit_bzero(t->bytes, t->used);
	free(t->bytes);
	free(t->at);
}

enum table_problem texts_read(struct texts **out, struct arena *a, struct part *part)
{
	struct texts *t = arena_alloc(a, sizeof *t);
	bool done = false;

	*out = t;
	arena_cleanup(a, release, t);
	return part ? xml_run(xml_open(a, part, (struct xml_sink){t, on_start, on_end, on_text}), &done) : TABLE_GOOD;
}

const char *texts_get(const struct texts *t, size_t index, unsigned *flags)
{
	if (index >= t->count)
		return NULL;
	if (t->at[index] & CUT)
		*flags |= CELL_CUT;
	return t->bytes + (t->at[index] & ~CUT);
}
