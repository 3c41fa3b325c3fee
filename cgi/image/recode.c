/* libgd at work. Checks come before decoding, since a few bytes can claim a picture that fills the memory. */
#include "image/recode.h"

#include <gd.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#define JPEG_QUALITY 88
#define WHITE 0xFFFFFF
#define MARK_ON_LIGHT 0x48
#define MARK_ON_DARK 0xD8
#define MARK_OPACITY 72 /* of 255: it is seen, and everything under it can be read */

static bool picture_damaged;

/* Silences libgd and learns from it: it calls a JPEG with missing or corrupt data a success with a warning. Bytes too
 * many before the end marker are left by some cameras and harm nothing. */
static void hear_gd_message(int priority, const char *format, va_list args)
{
	char text[256];

	(void)priority;
	vsnprintf(text, sizeof(text), format, args);
	if (strstr(text, "Premature end") || (strstr(text, "Corrupt JPEG data") && !strstr(text, "before marker 0xd9")))
		picture_damaged = true;
}

/* What forbids to decode at all; NULL when nothing does. */
static const char *refuse_by_header(const struct recode_limits *limits, enum image_type type, const unsigned char *data, size_t length)
{
	uint32_t width, height;

	if (length == 0)
		return "empty";
	if (length > limits->max_bytes)
		return "big";
	if (type == IMAGE_HEIC)
		return "heic";
	if (type == IMAGE_UNKNOWN)
		return "type";
	if (!image_measure(type, data, length, &width, &height))
		return "broken";
	if ((uint64_t)width * height > limits->max_megapixels * 1000000)
		return "pixels";
	return width < (uint32_t)limits->min_side || height < (uint32_t)limits->min_side ? "small" : NULL;
}

static gdImagePtr decode(enum image_type type, const unsigned char *data, size_t length)
{
	/* libgd takes void * but does not write. */
	union {
		const unsigned char *in;
		void *out;
	} bytes = {.in = data};

	switch (type) {
	case IMAGE_JPEG:
		/* 0: tell of warnings. */
		return gdImageCreateFromJpegPtrEx((int)length, bytes.out, 0);
	case IMAGE_PNG:
		return gdImageCreateFromPngPtr((int)length, bytes.out);
	case IMAGE_BMP:
		return gdImageCreateFromBmpPtr((int)length, bytes.out);
	default:
		return NULL;
	}
}

/* im, or a smaller one in its place; NULL when memory is out. */
static gdImagePtr shrink(gdImagePtr im, int max_side)
{
	int width = gdImageSX(im), height = gdImageSY(im), longer = width > height ? width : height;
	gdImagePtr smaller;

	if (longer <= max_side)
		return im;
	width = (int)((int64_t)width * max_side / longer);
	height = (int)((int64_t)height * max_side / longer);
	/* A cubic filter that widens with the factor: libgd's GD_BICUBIC looks at 4x4 pixels only and drops thin strokes. */
	gdImageSetInterpolationMethod(im, GD_CATMULLROM);
	smaller = gdImageScale(im, width > 0 ? (unsigned)width : 1, height > 0 ? (unsigned)height : 1);
	gdImageDestroy(im);
	return smaller;
}

/* Where the pixel (x, y) of the upright picture is in one that is w x h and held by an EXIF orientation. */
static int held_pixel(gdImagePtr im, int orientation, int x, int y)
{
	int w = gdImageSX(im) - 1, h = gdImageSY(im) - 1, from_x = x, from_y = y;

	switch (orientation) {
	case 2:
		from_x = w - x;
		break;
	case 3:
		from_x = w - x;
		from_y = h - y;
		break;
	case 4:
		from_y = h - y;
		break;
	case 5:
		from_x = y;
		from_y = x;
		break;
	case 6:
		from_x = y;
		from_y = h - x;
		break;
	case 7:
		from_x = w - y;
		from_y = h - x;
		break;
	case 8:
		from_x = w - y;
		from_y = x;
		break;
	default:
		break;
	}
	return gdImageTrueColorPixel(im, from_x, from_y);
}

/* An upright copy on white; im is freed. NULL when memory is out. */
static gdImagePtr upright_on_white(gdImagePtr im, int orientation)
{
	bool lying = orientation >= 5;
	gdImagePtr out = gdImageCreateTrueColor(lying ? gdImageSY(im) : gdImageSX(im), lying ? gdImageSX(im) : gdImageSY(im));

	for (int y = 0; out && y < gdImageSY(out); y++)
		for (int x = 0; x < gdImageSX(out); x++)
			gdImageTrueColorPixel(out, x, y) = gdAlphaBlend(WHITE, held_pixel(im, orientation, x, y));
	gdImageDestroy(im);
	return out;
}

/* color moved towards gray by covered, of 255 * 255. */
static int mix(int color, int gray, int covered)
{
	return (color * (255 * 255 - covered) + gray * covered) / (255 * 255);
}

/* Darker on light places and lighter on dark ones, so that it is seen on any picture. */
static int marked(int c, int covered)
{
	int red = gdTrueColorGetRed(c), green = gdTrueColorGetGreen(c), blue = gdTrueColorGetBlue(c);
	int gray = 2 * red + 5 * green + blue > 8 * 127 ? MARK_ON_LIGHT : MARK_ON_DARK;

	return gdTrueColor(mix(red, gray, covered), mix(green, gray, covered), mix(blue, gray, covered));
}

static void put_mark(gdImagePtr im, const struct recode_mark *mark)
{
	for (int y = 0; y < gdImageSY(im); y++) {
		const unsigned char *row = mark->coverage + (size_t)(y % mark->height) * (size_t)mark->width;
		int *pixels = im->tpixels[y];

		for (int x = 0, tx = 0; x < gdImageSX(im); x++, tx = tx + 1 < mark->width ? tx + 1 : 0)
			if (row[tx])
				pixels[x] = marked(pixels[x], row[tx] * MARK_OPACITY);
	}
}

void image_recode(struct recode_result *out, const struct recode_limits *limits, const struct recode_mark *mark, const unsigned char *data,
		  size_t length)
{
	gdImagePtr im;
	int orientation;

	*out = (struct recode_result){.type = image_sniff(data, length)};
	out->refused = refuse_by_header(limits, out->type, data, length);
	if (out->refused)
		return;
	out->refused = "broken";
	gdSetErrorMethod(hear_gd_message);
	picture_damaged = false;
	im = decode(out->type, data, length);
	if (!im)
		return;
	if (picture_damaged || (!gdImageTrueColor(im) && !gdImagePaletteToTrueColor(im))) {
		gdImageDestroy(im);
		return;
	}
	im = shrink(im, limits->max_side);
	/* a JPEG has no transparency, and most are upright already */
	orientation = out->type == IMAGE_JPEG ? image_orientation(data, length) : 1;
	if (im && (out->type != IMAGE_JPEG || orientation != 1))
		im = upright_on_white(im, orientation);
	if (!im)
		return;
	out->width = gdImageSX(im);
	out->height = gdImageSY(im);
	if (out->width < limits->min_side || out->height < limits->min_side) {
		out->refused = "small";
	} else {
		if (mark)
			put_mark(im, mark);
		out->jpeg = gdImageJpegPtr(im, &out->size, JPEG_QUALITY);
		out->refused = out->jpeg && out->size > 0 ? NULL : "broken";
	}
	gdImageDestroy(im);
}

void *image_encode_jpeg(const unsigned char *pixels, int stride, int width, int height, int *size)
{
	gdImagePtr im = gdImageCreateTrueColor(width, height);
	void *jpeg = NULL;
	uint32_t pixel;

	*size = 0;
	for (int y = 0; im && y < height; y++)
		for (int x = 0; x < width; x++) {
			memcpy(&pixel, pixels + (size_t)y * (size_t)stride + 4 * (size_t)x, sizeof(pixel));
			gdImageTrueColorPixel(im, x, y) = (int)(pixel & 0xFFFFFF);
		}
	if (im) {
		jpeg = gdImageJpegPtr(im, size, JPEG_QUALITY);
		gdImageDestroy(im);
	}
	return jpeg;
}

void image_release_jpeg(void *jpeg)
{
	if (jpeg)
		gdFree(jpeg);
}
