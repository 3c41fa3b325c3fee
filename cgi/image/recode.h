/* One picture in, one clean JPEG out: upright, without transparency and metadata, of bounded size. Runs inside the
 * sandbox: uses memory only. The only file that knows libgd. */
#ifndef IMAGE_RECODE_H
#define IMAGE_RECODE_H

#include <stdint.h>

#include "image/header.h"

struct recode_limits {
	uint64_t max_bytes;
	uint64_t max_megapixels; /* width x height of the original, in units of 1,000,000 */
	int max_side;            /* longer side of the result */
	int min_side;            /* shorter side, of the original and of the result */
};

/* A watermark: how much each pixel of a tile is covered (0 to 255); the tile is repeated over the whole picture. */
struct recode_mark {
	const unsigned char *coverage;
	int width, height;
};

struct recode_result {
	const char *refused;  /* NULL, or a code: "empty", "big", "heic", "type", "broken", "pixels", "small" */
	enum image_type type; /* of the original */
	int width, height;    /* of the JPEG */
	void *jpeg;           /* of libgd; lives until the process ends */
	int size;
};

/* mark may be NULL. The same input gives the same bytes. Not for threads: what libgd warns of is kept in a variable of the process. */
void image_recode(struct recode_result *out, const struct recode_limits *limits, const struct recode_mark *mark, const unsigned char *data,
		  size_t length);

/* A JPEG of pixels of 32 bits (0x00RRGGBB in the machine's order), rows of stride bytes. NULL: no memory. For image_release_jpeg. */
void *image_encode_jpeg(const unsigned char *pixels, int stride, int width, int height, int *size);
void image_release_jpeg(void *jpeg);

#endif
