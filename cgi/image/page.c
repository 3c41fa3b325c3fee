/* Pango lays out, Cairo draws coverage (how much ink a pixel has); a page is written as an uncompressed picture with 256 grays. */
#include "image/page.h"

#include <math.h>
#include <pango/pangocairo.h>
#include <stdint.h>
#include <string.h>

#define MARGIN 92
#define FOOT 60 /* of it the footer takes this much */
#define FOOTER_PIXELS 13
#define BMP_HEADER (14 + 40 + 4 * 256)
#define MARK_ANGLE (-24 * G_PI / 180)
#define MARK_SHARE 28 /* of the shorter side is one letter high */
#define MARK_PIXELS_MIN 12
#define MARK_PIXELS_MAX 96
#define MARK_GAP 1.6 /* letters between two tiles' texts */
#define MARK_SIDE_MAX 4096

static const struct style {
	double pixels, above, after; /* of the letters; room above; what must fit below a line on the same page */
	bool bold, centered;
} styles[PAGE_STYLE_MAX] = {
	[PAGE_TITLE] = {28, 0, 60, true, true},
	[PAGE_NOTE] = {14, 10, 0, false, true},
	[PAGE_HEADING] = {19, 20, 60, true, false},
	[PAGE_PARAGRAPH] = {17, 9, 0, false, false},
};

struct drawing {
	struct arena *arena;
	PangoContext *context;
	const char *font, *footer;
	cairo_surface_t *surface; /* NULL between two pages */
	cairo_t *cairo;
	double y;
	struct pages *out;
};

static void set_options(PangoContext *context)
{
	cairo_font_options_t *options = cairo_font_options_create();

	/* nothing that depends on a screen */
	cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY);
	cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
	cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
	pango_cairo_context_set_font_options(context, options);
	pango_cairo_context_set_resolution(context, 72);
	cairo_font_options_destroy(options);
}

static PangoContext *new_context(void)
{
	PangoContext *context = pango_font_map_create_context(pango_cairo_font_map_get_default());

	set_options(context);
	pango_context_set_language(context, pango_language_from_string("zh-cn"));
	return context;
}

static PangoLayout *new_layout(PangoContext *context, const char *font, double pixels, bool bold, const char *text)
{
	PangoLayout *layout = pango_layout_new(context);
	PangoFontDescription *description = pango_font_description_new();

	pango_font_description_set_family(description, font);
	pango_font_description_set_absolute_size(description, pixels * PANGO_SCALE);
	pango_font_description_set_weight(description, bold ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL);
	pango_layout_set_font_description(layout, description);
	pango_font_description_free(description);
	pango_layout_set_text(layout, text, -1);
	return layout;
}

static cairo_t *new_surface(cairo_surface_t **surface, int width, int height)
{
	*surface = cairo_image_surface_create(CAIRO_FORMAT_A8, width, height);
	cairo_t *cairo = cairo_create(*surface);

	cairo_set_source_rgba(cairo, 0, 0, 0, 1);
	return cairo;
}

static void put32(unsigned char *to, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		to[i] = (unsigned char)(value >> (8 * i));
}

/* Rows run from the bottom; color 0 is white and 255 black, so that coverage can be copied. The width needs no filling up. */
static struct bytes write_bmp(struct arena *a, cairo_surface_t *surface)
{
	_Static_assert(PAGE_WIDTH % 4 == 0, "rows of a BMP are filled up to four bytes");
	const size_t size = BMP_HEADER + (size_t)PAGE_WIDTH * PAGE_HEIGHT;
	unsigned char *bmp = arena_alloc(a, size);
	const unsigned char *from = cairo_image_surface_get_data(surface);
	int stride = cairo_image_surface_get_stride(surface);

	memset(bmp, 0, BMP_HEADER);
	memcpy(bmp, "BM", 2);
	put32(bmp + 2, (uint32_t)size);
	put32(bmp + 10, BMP_HEADER);
	put32(bmp + 14, 40);
	put32(bmp + 18, PAGE_WIDTH);
	put32(bmp + 22, PAGE_HEIGHT);
	put32(bmp + 26, 1 | 8 << 16); /* one plane, eight bits a pixel */
	put32(bmp + 46, 256);
	for (uint32_t i = 0; i < 256; i++)
		put32(bmp + 54 + 4 * i, (255 - i) * 0x010101);
	for (int y = 0; y < PAGE_HEIGHT; y++)
		memcpy(bmp + BMP_HEADER + (size_t)y * PAGE_WIDTH, from + (size_t)(PAGE_HEIGHT - 1 - y) * (size_t)stride, PAGE_WIDTH);
	return (struct bytes){bmp, size};
}

static void draw_footer(struct drawing *d)
{
	char *text = arena_printf(d->arena, "%s  ·  第 %d 页", d->footer, d->out->count + 1);
	PangoLayout *layout = new_layout(d->context, d->font, FOOTER_PIXELS, false, text);

	pango_layout_set_width(layout, (PAGE_WIDTH - 2 * MARGIN) * PANGO_SCALE);
	pango_layout_set_alignment(layout, PANGO_ALIGN_CENTER);
	pango_layout_set_ellipsize(layout, PANGO_ELLIPSIZE_MIDDLE);
	cairo_move_to(d->cairo, MARGIN, PAGE_HEIGHT - FOOT);
	pango_cairo_show_layout(d->cairo, layout);
	g_object_unref(layout);
}

static void drop_page(struct drawing *d)
{
	if (!d->surface)
		return;
	cairo_destroy(d->cairo);
	cairo_surface_destroy(d->surface);
	d->surface = NULL;
}

static enum status end_page(struct drawing *d)
{
	if (!d->surface)
		return ST_OK;
	if (d->out->count == PAGES_MAX)
		return status_fail(ST_LIMIT, "a text has more than %d pages", PAGES_MAX);
	draw_footer(d);
	cairo_surface_flush(d->surface);
	if (cairo_status(d->cairo) != CAIRO_STATUS_SUCCESS)
		return status_fail(ST_ERROR, "page: %s", cairo_status_to_string(cairo_status(d->cairo)));
	d->out->page[d->out->count++] = write_bmp(d->arena, d->surface);
	drop_page(d);
	return ST_OK;
}

/* Line by line, each on the page where it still fits. */
static enum status draw_part(struct drawing *d, const struct page_part *part)
{
	const struct style *s = &styles[part->style];
	PangoLayout *layout = new_layout(d->context, d->font, s->pixels, s->bold, part->text);
	PangoLayoutIter *line;
	enum status st = ST_OK;

	pango_layout_set_width(layout, (PAGE_WIDTH - 2 * MARGIN) * PANGO_SCALE);
	pango_layout_set_wrap(layout, PANGO_WRAP_WORD_CHAR);
	pango_layout_set_spacing(layout, (int)(s->pixels * 0.35 * PANGO_SCALE));
	pango_layout_set_alignment(layout, s->centered ? PANGO_ALIGN_CENTER : PANGO_ALIGN_LEFT);
	d->out->unknown += pango_layout_get_unknown_glyphs_count(layout);
	line = pango_layout_get_iter(layout);
	d->y += s->above;
	do {
		PangoRectangle box;

		pango_layout_iter_get_line_extents(line, NULL, &box);
		double height = (double)box.height / PANGO_SCALE + s->pixels * 0.35;
		if (d->surface && d->y + height + s->after > PAGE_HEIGHT - MARGIN)
			st = end_page(d);
		if (st == ST_OK && !d->surface) {
			d->cairo = new_surface(&d->surface, PAGE_WIDTH, PAGE_HEIGHT);
			d->y = MARGIN;
		}
		if (st == ST_OK) {
			double base = (double)(pango_layout_iter_get_baseline(line) - box.y) / PANGO_SCALE;
			cairo_move_to(d->cairo, MARGIN + (double)box.x / PANGO_SCALE, d->y + base);
			pango_cairo_show_layout_line(d->cairo, pango_layout_iter_get_line_readonly(line));
			d->y += height;
		}
	} while (st == ST_OK && pango_layout_iter_next_line(line));
	pango_layout_iter_free(line);
	g_object_unref(layout);
	return st;
}

enum status pages_draw(struct arena *a, const char *font, const struct page_part *parts, int count, const char *footer, struct pages *out)
{
	struct drawing d = {.arena = a, .context = new_context(), .font = font, .footer = footer, .out = out};
	enum status st = ST_OK;

	*out = (struct pages){0};
	for (int i = 0; st == ST_OK && i < count; i++)
		st = draw_part(&d, &parts[i]);
	if (st == ST_OK)
		st = end_page(&d);
	drop_page(&d);
	g_object_unref(d.context);
	return st;
}

enum status page_mark(struct arena *a, const char *font, const char *text, int shorter_side, struct recode_mark *out)
{
	double pixels = shorter_side / MARK_SHARE < MARK_PIXELS_MIN ? MARK_PIXELS_MIN : shorter_side / MARK_SHARE;
	PangoContext *context = new_context();
	PangoLayout *layout;
	cairo_surface_t *surface;
	int length, height;
	enum status st = ST_OK;

	layout = new_layout(context, font, pixels > MARK_PIXELS_MAX ? MARK_PIXELS_MAX : pixels, false, text);
	pango_layout_get_pixel_size(layout, &length, &height);
	double gap = height * MARK_GAP, c = cos(MARK_ANGLE), s = fabs(sin(MARK_ANGLE));
	out->width = (int)(length * c + height * s + gap);
	out->height = (int)(length * s + height * c + gap);
	out->width = out->width > MARK_SIDE_MAX ? MARK_SIDE_MAX : out->width;
	out->height = out->height > MARK_SIDE_MAX ? MARK_SIDE_MAX : out->height;
	cairo_t *cairo = new_surface(&surface, out->width, out->height);
	cairo_translate(cairo, out->width / 2.0, out->height / 2.0);
	cairo_rotate(cairo, MARK_ANGLE);
	cairo_move_to(cairo, -length / 2.0, -height / 2.0);
	pango_cairo_update_layout(cairo, layout);
	pango_cairo_show_layout(cairo, layout);
	cairo_surface_flush(surface);
	if (cairo_status(cairo) != CAIRO_STATUS_SUCCESS) {
		st = status_fail(ST_ERROR, "watermark: %s", cairo_status_to_string(cairo_status(cairo)));
	} else {
		unsigned char *coverage = arena_alloc(a, (size_t)out->width * (size_t)out->height);
		for (int y = 0; y < out->height; y++)
			memcpy(coverage + (size_t)y * (size_t)out->width,
			       cairo_image_surface_get_data(surface) + (size_t)y * (size_t)cairo_image_surface_get_stride(surface),
			       (size_t)out->width);
		out->coverage = coverage;
	}
	cairo_destroy(cairo);
	cairo_surface_destroy(surface);
	g_object_unref(layout);
	g_object_unref(context);
	return st;
}

bool page_font_works(const char *font)
{
	PangoContext *context = new_context();
	PangoLayout *layout = new_layout(context, font, 12, false, "车联网卡入网协议");
	bool works = pango_layout_get_unknown_glyphs_count(layout) == 0;

	g_object_unref(layout);
	g_object_unref(context);
	return works;
}
