/* Bounded parsers for the headers of JPEG (segments, EXIF), PNG and BMP. */
#include "image/header.h"

#include <string.h>

#define EXIF_ORIENTATION 0x0112
#define EXIF_SHORT 3

static uint32_t be16(const unsigned char *p)
{
	return (uint32_t)p[0] << 8 | p[1];
}

static uint32_t be32(const unsigned char *p)
{
	return be16(p) << 16 | be16(p + 2);
}

static uint32_t le16(const unsigned char *p)
{
	return (uint32_t)p[1] << 8 | p[0];
}

static uint32_t le32(const unsigned char *p)
{
	return le16(p + 2) << 16 | le16(p);
}

static bool begins(const unsigned char *data, size_t length, const char *magic, size_t size)
{
	return length >= size && memcmp(data, magic, size) == 0;
}

static bool is_heif(const unsigned char *data, size_t length)
{
	static const char brands[][5] = {"heic", "heix", "heim", "heis", "hevc", "hevx", "mif1", "msf1", "avif", "avis"};

	if (length < 12 || memcmp(data + 4, "ftyp", 4) != 0)
		return false;
	for (size_t i = 0; i < sizeof(brands) / sizeof(brands[0]); i++)
		if (memcmp(data + 8, brands[i], 4) == 0)
			return true;
	return false;
}

enum image_type image_sniff(const unsigned char *data, size_t length)
{
	if (begins(data, length, "\xFF\xD8\xFF", 3))
		return IMAGE_JPEG;
	if (begins(data, length, "\x89PNG\r\n\x1A\n", 8))
		return IMAGE_PNG;
	if (begins(data, length, "BM", 2))
		return IMAGE_BMP;
	return is_heif(data, length) ? IMAGE_HEIC : IMAGE_UNKNOWN;
}

const char *image_type_name(enum image_type type)
{
	static const char *const names[IMAGE_TYPE_MAX] = {
		[IMAGE_UNKNOWN] = "unknown", [IMAGE_JPEG] = "jpeg", [IMAGE_PNG] = "png", [IMAGE_BMP] = "bmp", [IMAGE_HEIC] = "heic",
	};

	return names[type];
}

/* --- JPEG --- */

struct segment {
	unsigned marker;
	const unsigned char *body; /* behind the two bytes of its length */
	size_t size;
};

/* The segment at or behind *at, with the tolerance of the decoder: garbage and fill bytes between segments are skipped.
 * False at the picture data, at the end, or when a length points outside. */
static bool next_segment(const unsigned char *data, size_t length, size_t *at, struct segment *s)
{
	while (*at + 1 < length) {
		size_t size;

		if (data[*at] != 0xFF || data[*at + 1] == 0xFF || data[*at + 1] == 0x00) {
			(*at)++;
			continue;
		}
		s->marker = data[*at + 1];
		*at += 2;
		if (s->marker == 0x01 || (s->marker >= 0xD0 && s->marker <= 0xD7))
			continue;
		if (s->marker >= 0xD8 && s->marker <= 0xDA)
			return false;
		if (length - *at < 2)
			return false;
		size = be16(data + *at);
		if (size < 2 || size > length - *at)
			return false;
		s->body = data + *at + 2;
		s->size = size - 2;
		*at += size;
		return true;
	}
	return false;
}

static bool is_frame(unsigned marker)
{
	return marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
}

static bool measure_jpeg(const unsigned char *data, size_t length, uint32_t *width, uint32_t *height)
{
	struct segment s;
	size_t at = 2;

	while (next_segment(data, length, &at, &s)) {
		if (!is_frame(s.marker))
			continue;
		if (s.size < 5)
			return false;
		*height = be16(s.body + 1);
		*width = be16(s.body + 3);
		return true;
	}
	return false;
}

/* Orientation in the first directory of the TIFF structure that EXIF is; 0 when it is not there. */
static int tiff_orientation(const unsigned char *tiff, size_t size)
{
	uint32_t (*get16)(const unsigned char *), (*get32)(const unsigned char *);
	uint32_t directory, entries;

	if (size < 8)
		return 0;
	if (memcmp(tiff, "II*\0", 4) == 0) {
		get16 = le16;
		get32 = le32;
	} else if (memcmp(tiff, "MM\0*", 4) == 0) {
		get16 = be16;
		get32 = be32;
	} else {
		return 0;
	}
	directory = get32(tiff + 4);
	if (directory > size - 2)
		return 0;
	entries = get16(tiff + directory);
	for (uint32_t i = 0; i < entries; i++) {
		size_t at = (size_t)directory + 2 + (size_t)i * 12;
		uint32_t value;

		if (at + 12 > size)
			return 0;
		if (get16(tiff + at) != EXIF_ORIENTATION)
			continue;
		if (get16(tiff + at + 2) != EXIF_SHORT || get32(tiff + at + 4) != 1)
			return 0;
		value = get16(tiff + at + 8);
		return value <= 8 ? (int)value : 0;
	}
	return 0;
}

int image_orientation(const unsigned char *data, size_t length)
{
	struct segment s;
	size_t at = 2;

	if (image_sniff(data, length) != IMAGE_JPEG)
		return 1;
	while (next_segment(data, length, &at, &s)) {
		if (s.marker == 0xE1 && begins(s.body, s.size, "Exif\0\0", 6)) {
			int orientation = tiff_orientation(s.body + 6, s.size - 6);

			return orientation ? orientation : 1;
		}
	}
	return 1;
}

/* --- PNG, BMP --- */

static bool measure_png(const unsigned char *data, size_t length, uint32_t *width, uint32_t *height)
{
	if (length < 24 || memcmp(data + 8, "\0\0\0\x0DIHDR", 8) != 0)
		return false;
	*width = be32(data + 16);
	*height = be32(data + 20);
	return true;
}

static bool measure_bmp(const unsigned char *data, size_t length, uint32_t *width, uint32_t *height)
{
	uint32_t header;

	if (length < 26)
		return false;
	header = le32(data + 14);
	if (header == 12) {
		*width = le16(data + 18);
		*height = le16(data + 20);
		return true;
	}
	if (header < 40)
		return false;
	*width = le32(data + 18);
	*height = le32(data + 22);
	/* A negative height means that the rows run from the top. */
	if (*height > INT32_MAX)
		*height = 0u - *height;
	return *width <= INT32_MAX && *height <= INT32_MAX;
}

bool image_measure(enum image_type type, const unsigned char *data, size_t length, uint32_t *width, uint32_t *height)
{
	uint32_t w = 0, h = 0;
	bool told;

	switch (type) {
	case IMAGE_JPEG:
		told = measure_jpeg(data, length, &w, &h);
		break;
	case IMAGE_PNG:
		told = measure_png(data, length, &w, &h);
		break;
	case IMAGE_BMP:
		told = measure_bmp(data, length, &w, &h);
		break;
	default:
		told = false;
		break;
	}
	if (!told || w == 0 || h == 0)
		return false;
	*width = w;
	*height = h;
	return true;
}
