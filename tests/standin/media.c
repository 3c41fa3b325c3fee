/* Recognises pictures and clips by their first bytes. */
#include "media.h"

#include <string.h>

static unsigned int big16(const unsigned char *b)
{
	return (unsigned int)b[0] << 8 | b[1];
}

static unsigned int big32(const unsigned char *b)
{
	return big16(b) << 16 | big16(b + 2);
}

static unsigned int little32(const unsigned char *b)
{
	return (unsigned int)b[3] << 24 | (unsigned int)b[2] << 16 | (unsigned int)b[1] << 8 | b[0];
}

/* Walks the segments up to the start of frame: 0xc0 to 0xcf without the tables among them. */
static bool jpeg_size(const unsigned char *bytes, size_t n, unsigned int *width, unsigned int *height)
{
	size_t at = 2;

	while (at + 9 <= n && bytes[at] == 0xff) {
		unsigned char marker = bytes[at + 1];

		if (marker == 0xff || marker == 0x01 || (marker >= 0xd0 && marker <= 0xd7)) {
			at += marker == 0xff ? 1 : 2;
			continue;
		}
		if (marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc) {
			*height = big16(bytes + at + 5);
			*width = big16(bytes + at + 7);
			return true;
		}
		if (marker == 0xda || marker == 0xd9)
			return false;
		at += 2 + (size_t)big16(bytes + at + 2);
	}
	return false;
}

bool media_picture_size(const unsigned char *bytes, size_t n, unsigned int *width, unsigned int *height)
{
	if (n > 4 && memcmp(bytes, "\xff\xd8\xff", 3) == 0)
		return jpeg_size(bytes, n, width, height);
	if (n > 32 && memcmp(bytes, "\x89PNG\r\n\x1a\n", 8) == 0 && memcmp(bytes + 12, "IHDR", 4) == 0) {
		*width = big32(bytes + 16);
		*height = big32(bytes + 20);
		return true;
	}
	if (n > 54 && memcmp(bytes, "BM", 2) == 0) {
		unsigned int rows = little32(bytes + 22);

		*width = little32(bytes + 18);
		*height = rows > 0x80000000u ? 0u - rows : rows; /* negative = top row first */
		return true;
	}
	return false;
}

bool media_is_clip(const unsigned char *bytes, size_t n)
{
	static const char *const boxes[] = {"ftyp", "moov", "mdat", "wide", "free", "skip"};

	if (n < 16)
		return false;
	for (size_t i = 0; i < sizeof(boxes) / sizeof(*boxes); i++) {
		if (memcmp(bytes + 4, boxes[i], 4) == 0)
			return true;
	}
	return memcmp(bytes, "\x1a\x45\xdf\xa3", 4) == 0 || (memcmp(bytes, "RIFF", 4) == 0 && memcmp(bytes + 8, "AVI ", 4) == 0) ||
	       memcmp(bytes, "FLV", 3) == 0;
}
