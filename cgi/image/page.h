/* Text as pictures: A4 pages of an agreement, and the tile of a watermark. The only user of Pango and Cairo. It draws what it is given;
 * whether that is personal it does not know. */
#ifndef IMAGE_PAGE_H
#define IMAGE_PAGE_H

#include "base/arena.h"
#include "base/status.h"
#include "base/text.h"
#include "image/recode.h"

#define PAGE_WIDTH 992 /* A4 at 120 dots an inch */
#define PAGE_HEIGHT 1403
#define PAGES_MAX 40

enum page_style { PAGE_TITLE, PAGE_NOTE, PAGE_HEADING, PAGE_PARAGRAPH, PAGE_STYLE_MAX };
struct page_part {
	enum page_style style;
	const char *text; /* UTF-8, one paragraph */
};
struct pages {
	int count;
	struct bytes page[PAGES_MAX]; /* BMP in shades of gray, which realname-image takes; arena */
	int unknown;                  /* characters that no installed font has: their code is drawn in a box */
};

/* Sets the parts one below the other, with footer and number at the foot of each page. font is a list of families for Fontconfig. The
 * same input and the same fonts give the same bytes. ST_LIMIT: more than PAGES_MAX pages. */
enum status pages_draw(struct arena *a, const char *font, const struct page_part *parts, int count, const char *footer,
		       struct pages *out) MUST_CHECK;
/* A tile with text slanted across it, in letters that suit a picture whose shorter side has so many pixels. Arena. */
enum status page_mark(struct arena *a, const char *font, const char *text, int shorter_side, struct recode_mark *out) MUST_CHECK;
/* Whether the fonts have Chinese characters at all. */
bool page_font_works(const char *font);

#endif
