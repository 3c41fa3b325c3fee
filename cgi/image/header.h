/* What a picture says about itself in its first bytes: kind, size, the way it is held. Reads bounded memory only, decodes
 * nothing: it runs before the decoders, so that they never see what is too large. */
#ifndef IMAGE_HEADER_H
#define IMAGE_HEADER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum image_type {
	IMAGE_UNKNOWN,
	IMAGE_JPEG,
	IMAGE_PNG,
	IMAGE_BMP,
	IMAGE_HEIC, /* HEIC, HEIF or AVIF: known, not decoded */
	IMAGE_TYPE_MAX
};

/* By the first bytes, never by a name. */
enum image_type image_sniff(const unsigned char *data, size_t length);
/* "jpeg", "png", "bmp", "heic", "unknown". */
const char *image_type_name(enum image_type type);
/* Width and height (both above 0) that a JPEG, PNG or BMP claims; false when it does not tell. */
bool image_measure(enum image_type type, const unsigned char *data, size_t length, uint32_t *width, uint32_t *height);
/* EXIF orientation of a JPEG, 1 (upright) to 8; 1 when it does not tell. */
int image_orientation(const unsigned char *data, size_t length);

#endif
