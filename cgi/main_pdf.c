/* realname-pdf: reads one PDF from standard input and writes its pages as JPEGs to standard output, in a sandbox. The option
 * --max-bytes N. Output: "ok PAGES\n", then for each page "WIDTH HEIGHT SIZE\n" and its bytes; or "refused CODE\n" (codes: image/pdf.h,
 * and "big"). Reads all of its input before it writes. Exit status 0 in both cases; 4: a page cannot be drawn; 2: wrong arguments;
 * 3: no sandbox or no memory. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "image/pdf.h"
#include "image/pipe.h"
#include "image/sandbox.h"

#define BYTES_MOST (100u << 20)

static int draw(size_t max_bytes)
{
	unsigned char *data = malloc(max_bytes + 1);
	const char *refused = NULL;
	const void *jpeg;
	struct pdf *pdf = NULL;
	size_t length;
	int pages, size, width, height;
	char line[80];

	/* One byte more than allowed tells "big" from "just fits". */
	if (!data || !pipe_read(data, max_bytes + 1, &length))
		return 3;
	if (length > max_bytes)
		refused = "big";
	else
		pdf = pdf_open(data, length, &pages, &refused);
	if (!pdf) {
		snprintf(line, sizeof(line), "refused %s\n", refused);
		return pipe_write_line(line) ? 0 : 3;
	}
	snprintf(line, sizeof(line), "ok %d\n", pages);
	if (!pipe_write_line(line))
		return 3;
	for (int i = 1; i <= pages; i++) {
		if (!pdf_page(pdf, i, &jpeg, &size, &width, &height))
			return IMAGE_CANNOT_DRAW;
		snprintf(line, sizeof(line), "%d %d %d\n", width, height, size);
		if (!pipe_write_line(line) || !pipe_write(jpeg, (size_t)size))
			return 3;
	}
	return 0;
}

int main(int argc, char **argv)
{
	char *end = NULL;
	unsigned long max_bytes = argc == 3 && strcmp(argv[1], "--max-bytes") == 0 ? strtoul(argv[2], &end, 10) : 10u << 20;

	if ((argc != 1 && (!end || *end)) || max_bytes < 1 || max_bytes > BYTES_MOST) {
		fputs("usage: realname-pdf [--max-bytes N] < document > pages\n", stderr);
		return 2;
	}
	if (sandbox_enter_fonts() != ST_OK) {
		fprintf(stderr, "realname-pdf: %s\n", status_message());
		return 3;
	}
	/* _exit: the handlers of exit may want system calls that are gone. */
	_exit(draw(max_bytes));
}
