/* Inside table/ only: the texts that cells of an XLSX share, and how a text is told in XML. */
#ifndef TABLE_TEXTS_H
#define TABLE_TEXTS_H

#include "table/xml.h"

#define TEXTS_BYTES_MAX ((size_t)12 << 20)
#define TEXTS_MAX 500000

struct texts;

/* part NULL: there are none. TABLE_TOO_LARGE beyond the limits. Released with the arena. */
enum table_problem texts_read(struct texts **out, struct arena *a, struct part *part);
/* NULL when there is no such text; borrowed. flags: CELL_CUT is added when it was longer than TABLE_CELL_MAX. */
const char *texts_get(const struct texts *t, size_t index, unsigned *flags);

/* A text that grows piece by piece, kept to TABLE_CELL_MAX bytes and a little more, so that cells_put sees that it has to be cut. */
struct piece {
	size_t length;
	char text[TABLE_CELL_MAX + 64];
};
void piece_add(struct piece *p, const char *text, size_t length);
/* _x000A_ to the character that is meant. */
void piece_decode(struct piece *p);

#endif
