/* The pages of a PDF as JPEGs. Runs inside the sandbox (sandbox_enter_fonts). The only user of poppler. */
#ifndef IMAGE_PDF_H
#define IMAGE_PDF_H

#include <stdbool.h>
#include <stddef.h>

#define PDF_PAGES_MAX 20
#define PDF_SIDE_MAX 1754 /* the longer side of a page's picture: A4 at 150 dots an inch */
#define IMAGE_CANNOT_DRAW 4 /* exit status of realname-pdf */

struct pdf; /* an open document; lives until the process ends */

/* NULL with *refused "empty", "type", "locked" (wants a password), "broken", "long" (more than PDF_PAGES_MAX pages). Borrows data. */
struct pdf *pdf_open(const unsigned char *data, size_t length, int *pages, const char **refused);
/* Page number (from 1) as JPEG; lives until the next call. False: it cannot be drawn. */
bool pdf_page(struct pdf *p, int number, const void **jpeg, int *size, int *width, int *height);

#endif
