/* Compares names of columns. Knows none of them. */
#include "table/columns.h"

#include <string.h>

#define FOUND_MAX 20
#define FOUND_CHARACTERS 20

/* What of a name counts. */
static char *plain_name(struct arena *a, const char *text)
{
	static const char *const ignored[] = {"必填", "选填", "*", "(", ")", "[", "]", "【", "】", ":", "_", "#", "\""};
	char *name = text_code(a, text), *to = name;

	for (const char *from = name; *from;) {
		size_t i = 0;

		while (i < sizeof ignored / sizeof *ignored && !text_prefix(from, ignored[i]))
			i++;
		if (i < sizeof ignored / sizeof *ignored)
			from += strlen(ignored[i]);
		else
			*to++ = *from++;
	}
	*to = '\0';
	return name;
}

static bool is_called(struct arena *a, const struct table_wanted *wanted, const char *plain)
{
	const char *next = wanted->synonyms;

	if (strcmp(plain_name(a, wanted->name), plain) == 0)
		return true;
	while (next) {
		const char *bar = strchr(next, '|');
		const char *one = bar ? arena_strndup(a, next, (size_t)(bar - next)) : next;

		if (strcmp(plain_name(a, one), plain) == 0)
			return true;
		next = bar ? bar + 1 : NULL;
	}
	return false;
}

static void add_name(struct buffer *b, const char *name)
{
	if (b->length > 0)
		buffer_text(b, "、");
	buffer_text(b, name);
}

/* The first characters of a name, in one line. */
static const char *shown(struct arena *a, const char *text)
{
	char *clean = text_clean(a, text), *end = clean;

	for (int left = FOUND_CHARACTERS; *end; end++)
		if (((unsigned char)*end & 0xc0) != 0x80 && left-- == 0)
			return arena_printf(a, "%.*s…", (int)(end - clean), clean);
	return clean;
}

void table_match_columns(struct arena *a, const struct table_wanted *wanted, int count, const struct table_row *header,
			 struct table_match *out)
{
	struct buffer missing, doubled, found;
	int cells = header->fault ? 0 : header->count, listed = 0;
	bool twice[TABLE_WANTED_MAX] = {false};

	buffer_init(&missing, a, 16384);
	buffer_init(&doubled, a, 16384);
	buffer_init(&found, a, 16384);
	for (int i = 0; i < TABLE_WANTED_MAX; i++)
		out->at[i] = -1;
	for (int k = 0; k < cells; k++) {
		const char *plain = plain_name(a, header->cells[k].text);

		if (!*plain)
			continue;
		if (listed++ < FOUND_MAX)
			add_name(&found, shown(a, header->cells[k].text));
		for (int i = 0; i < count; i++)
			if (is_called(a, &wanted[i], plain)) {
				twice[i] = out->at[i] >= 0;
				out->at[i] = out->at[i] >= 0 ? out->at[i] : k;
				break;
			}
	}
	if (listed > FOUND_MAX)
		buffer_text(&found, "……");
	for (int i = 0; i < count; i++) {
		if (wanted[i].required && out->at[i] < 0)
			add_name(&missing, wanted[i].name);
		if (twice[i])
			add_name(&doubled, wanted[i].name);
	}
	out->complete = missing.length == 0 && doubled.length == 0;
	out->missing = missing.data;
	out->doubled = doubled.data;
	out->found = found.data;
}

const struct table_cell *table_match_cell(const struct table_match *m, int i, const struct table_row *row)
{
	static const struct table_cell none = {"", 0};

	return m->at[i] < 0 || m->at[i] >= row->count ? &none : &row->cells[m->at[i]];
}
