/* Poppler draws, libgd (recode.c) writes. Nothing of a document is run: poppler knows no scripts, and no address in it is opened. */
#include "image/pdf.h"

#include <math.h>
#include <poppler.h>
#include <string.h>

#include "image/recode.h"

#define DOTS_AN_INCH 150.0
#define SIDE_MIN 50

struct pdf {
	PopplerDocument *document;
	void *jpeg; /* of the page drawn last */
};

struct pdf *pdf_open(const unsigned char *data, size_t length, int *pages, const char **refused)
{
	static struct pdf p;
	GError *error = NULL;
	GBytes *bytes;

	*refused = length == 0 ? "empty" : length < 5 || memcmp(data, "%PDF-", 5) != 0 ? "type" : NULL;
	if (*refused)
		return NULL;
	bytes = g_bytes_new_static(data, length);
	p.document = poppler_document_new_from_bytes(bytes, NULL, &error);
	if (!p.document) {
		*refused = error && error->domain == POPPLER_ERROR && error->code == POPPLER_ERROR_ENCRYPTED ? "locked" : "broken";
		return NULL;
	}
	*pages = poppler_document_get_n_pages(p.document);
	*refused = *pages < 1 ? "broken" : *pages > PDF_PAGES_MAX ? "long" : NULL;
	return *refused ? NULL : &p;
}

static bool draw(PopplerPage *page, cairo_surface_t *surface, double scale)
{
	cairo_t *cairo = cairo_create(surface);
	bool good;

	cairo_set_source_rgb(cairo, 1, 1, 1);
	cairo_paint(cairo);
	cairo_scale(cairo, scale, scale);
	poppler_page_render(page, cairo);
	good = cairo_status(cairo) == CAIRO_STATUS_SUCCESS;
	cairo_destroy(cairo);
	cairo_surface_flush(surface);
	return good;
}

bool pdf_page(struct pdf *p, int number, const void **jpeg, int *size, int *width, int *height)
{
	PopplerPage *page = poppler_document_get_page(p->document, number - 1);
	cairo_surface_t *surface;
	double w, h, longer, scale = DOTS_AN_INCH / 72;
	bool good = false;

	image_release_jpeg(p->jpeg);
	p->jpeg = NULL;
	if (!page)
		return false;
	poppler_page_get_size(page, &w, &h);
	longer = w > h ? w : h;
	if (!(w > 0 && h > 0) || !isfinite(longer))
		return false;
	if (longer * scale > PDF_SIDE_MAX)
		scale = PDF_SIDE_MAX / longer;
	*width = (int)ceil(w * scale);
	*height = (int)ceil(h * scale);
	if (*width < SIDE_MIN || *height < SIDE_MIN)
		return false;
	surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, *width, *height);
	if (cairo_surface_status(surface) == CAIRO_STATUS_SUCCESS && draw(page, surface, scale))
		p->jpeg = image_encode_jpeg(cairo_image_surface_get_data(surface), cairo_image_surface_get_stride(surface), *width, *height, size);
	good = p->jpeg && *size > 0;
	*jpeg = p->jpeg;
	cairo_surface_destroy(surface);
	g_object_unref(page);
	return good;
}
