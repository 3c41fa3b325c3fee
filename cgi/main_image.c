/* realname-image: reads one picture from standard input and writes a clean JPEG to standard output, in a sandbox. With --mark-width
 * and --mark-height the picture is preceded by that many bytes of a watermark's tile (image/recode.h).
 * Output: "ok WIDTH HEIGHT ORIGINAL_TYPE\n" and the JPEG, or "refused CODE\n" (codes: image/recode.h). Reads all of its
 * input before it writes. Exit status 0 in both cases; 2: wrong arguments; 3: no sandbox or no memory. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "image/pipe.h"
#include "image/recode.h"
#include "image/sandbox.h"

struct option {
	const char *name;
	uint64_t value, most;
};

enum { MAX_BYTES, MAX_MEGAPIXELS, MAX_SIDE, MIN_SIDE, MARK_WIDTH, MARK_HEIGHT, OPTIONS };

/* Takes "--name value" pairs; false when one is unknown or not a number of its range. */
static bool read_options(struct option *options, int argc, char **argv)
{
	for (int i = 1; i < argc; i += 2) {
		struct option *o = options;
		char *end;

		while (o < options + OPTIONS && strcmp(o->name, argv[i]) != 0)
			o++;
		if (o == options + OPTIONS || i + 1 == argc || argv[i + 1][0] < '0' || argv[i + 1][0] > '9')
			return false;
		errno = 0;
		o->value = strtoull(argv[i + 1], &end, 10);
		if (errno || *end || o->value < 1 || o->value > o->most)
			return false;
	}
	return true;
}

static int convert(const struct recode_limits *limits, int mark_width, int mark_height)
{
	size_t length, mark_size = (size_t)mark_width * (size_t)mark_height;
	unsigned char *data = malloc(limits->max_bytes + 1), *coverage = mark_size ? malloc(mark_size) : NULL;
	const struct recode_mark mark = {.coverage = coverage, .width = mark_width, .height = mark_height};
	struct recode_result result;
	char line[80];
	bool written;

	if (mark_size && (!coverage || !pipe_read(coverage, mark_size, &length) || length != mark_size))
		return 3;
	/* One byte more than allowed tells "big" from "just fits". */
	if (!data || !pipe_read(data, limits->max_bytes + 1, &length))
		return 3;
	image_recode(&result, limits, mark_size ? &mark : NULL, data, length);
	if (result.refused)
		snprintf(line, sizeof(line), "refused %s\n", result.refused);
	else
		snprintf(line, sizeof(line), "ok %d %d %s\n", result.width, result.height, image_type_name(result.type));
	written = pipe_write_line(line) && (result.refused || pipe_write(result.jpeg, (size_t)result.size));
	return written ? 0 : 3;
}

int main(int argc, char **argv)
{
	struct option options[OPTIONS] = {
		[MAX_BYTES] = {"--max-bytes", 10 << 20, 100 << 20},
		[MAX_MEGAPIXELS] = {"--max-megapixels", 50, 1000},
		[MAX_SIDE] = {"--max-side", 2560, 8192},
		[MIN_SIDE] = {"--min-side", 300, 8192},
		[MARK_WIDTH] = {"--mark-width", 0, 4096},
		[MARK_HEIGHT] = {"--mark-height", 0, 4096},
	};
	struct recode_limits limits;

	if (!read_options(options, argc, argv)) {
		fputs("usage: realname-image [--max-bytes N] [--max-megapixels N] [--max-side N] [--min-side N] [--mark-width N "
		      "--mark-height N] "
		      "< picture > result\n",
		      stderr);
		return 2;
	}
	limits = (struct recode_limits){
		.max_bytes = options[MAX_BYTES].value,
		.max_megapixels = options[MAX_MEGAPIXELS].value,
		.max_side = (int)options[MAX_SIDE].value,
		.min_side = (int)options[MIN_SIDE].value,
	};
	if (sandbox_enter() != ST_OK) {
		fprintf(stderr, "realname-image: %s\n", status_message());
		return 3;
	}
	/* _exit: the handlers of exit may want system calls that are gone. */
	_exit(convert(&limits, (int)options[MARK_WIDTH].value, (int)options[MARK_HEIGHT].value));
}
