/* The real realname-image, through image/convert.h: pictures made here with libgd, then bent. */
#include "image/convert.h"
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <gd.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "image/header.h"

#define RED 0xFF0000
#define GREEN 0x00FF00
#define BLUE 0x0000FF
#define YELLOW 0xFFFF00
#define WHITE 0xFFFFFF
#define EXIF_SIZE 48

static struct arena *arena;
static char program[PATH_MAX];
static const struct config config = {.picture_max_mb = 4, .picture_max_megapixels = 50};

struct answer {
	enum status st;
	struct bytes jpeg;
	int width, height;
	const char *refused;
};

/* Feeds in pieces, as an upload arrives. */
static struct answer convert_with(const char *with, const void *data, size_t length)
{
	struct answer a = {.refused = "not set"};
	struct image_convert *p;

	a.st = image_start(&p, arena, with, &config);
	for (size_t at = 0; a.st == ST_OK && at < length;) {
		size_t piece = length - at < 10007 ? length - at : 10007;

		a.st = image_feed(p, (const char *)data + at, piece);
		at += piece;
	}
	if (a.st == ST_OK)
		a.st = image_finish(p, &a.jpeg, &a.width, &a.height, &a.refused);
	if (a.st != ST_OK)
		printf("# %s: %s\n", status_name(a.st), status_message());
	return a;
}

static struct answer convert(struct bytes picture)
{
	return convert_with(program, picture.data, picture.length);
}

static void expect_refused(struct bytes picture, const char *key)
{
	struct answer a = convert(picture);

	CHECK(a.st == ST_OK);
	CHECK_TEXT(a.refused, key);
}

/* --- making pictures --- */

/* Four quarters: red and green above, blue and yellow below. */
static gdImagePtr quarters(int width, int height)
{
	gdImagePtr im = gdImageCreateTrueColor(width, height);

	gdImageFilledRectangle(im, 0, 0, width / 2 - 1, height / 2 - 1, RED);
	gdImageFilledRectangle(im, width / 2, 0, width - 1, height / 2 - 1, GREEN);
	gdImageFilledRectangle(im, 0, height / 2, width / 2 - 1, height - 1, BLUE);
	gdImageFilledRectangle(im, width / 2, height / 2, width - 1, height - 1, YELLOW);
	return im;
}

static struct bytes taken(void *bytes, int size)
{
	struct bytes b = {.data = arena_memdup(arena, bytes, (size_t)size), .length = (size_t)size};

	gdFree(bytes);
	return b;
}

static struct bytes jpeg_of(int width, int height)
{
	gdImagePtr im = quarters(width, height);
	int size;
	void *bytes = gdImageJpegPtr(im, &size, 95);

	gdImageDestroy(im);
	return taken(bytes, size);
}

static struct bytes png_of(gdImagePtr im)
{
	int size;
	void *bytes = gdImagePngPtr(im, &size);

	gdImageDestroy(im);
	return taken(bytes, size);
}

static struct bytes text_bytes(const char *text, size_t length)
{
	return (struct bytes){.data = (const unsigned char *)text, .length = length};
}

static struct bytes joined(struct bytes one, struct bytes two)
{
	unsigned char *all = arena_alloc(arena, one.length + two.length + 1);

	memcpy(all, one.data, one.length);
	memcpy(all + one.length, two.data, two.length);
	return (struct bytes){.data = all, .length = one.length + two.length};
}

/* The JPEG with an EXIF segment behind its first two bytes: an orientation and a place that must not leak. */
static struct bytes with_exif(struct bytes jpeg, int orientation, bool big_endian)
{
	static const char intel[EXIF_SIZE + 1] = "\xFF\xE1\0\0"
						 "Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x00\0\0\0\0\0\0\0SECRETPLACE\0";
	static const char motorola[EXIF_SIZE + 1] = "\xFF\xE1\0\0"
						    "Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x00\0\0\0\0\0\0SECRETPLACE\0";
	char *exif = arena_memdup(arena, big_endian ? motorola : intel, EXIF_SIZE);

	exif[3] = EXIF_SIZE - 2;
	exif[big_endian ? 29 : 28] = (char)orientation;
	return joined(joined((struct bytes){jpeg.data, 2}, text_bytes(exif, EXIF_SIZE)), (struct bytes){jpeg.data + 2, jpeg.length - 2});
}

static bool contains(struct bytes where, const char *what)
{
	return memmem(where.data, where.length, what, strlen(what)) != NULL;
}

/* --- looking at results --- */

static bool near(int color, int wanted)
{
	return abs(gdTrueColorGetRed(color) - gdTrueColorGetRed(wanted)) < 24 &&
	       abs(gdTrueColorGetGreen(color) - gdTrueColorGetGreen(wanted)) < 24 &&
	       abs(gdTrueColorGetBlue(color) - gdTrueColorGetBlue(wanted)) < 24;
}

static gdImagePtr opened(struct answer a)
{
	void *copy;

	if (a.st != ST_OK || a.refused || !a.jpeg.data)
		return NULL;
	copy = arena_memdup(arena, a.jpeg.data, a.jpeg.length);
	return gdImageCreateFromJpegPtr((int)a.jpeg.length, copy);
}

/* The colours in the middle of the upper quarters, and the size. */
static void expect_picture(struct answer a, int width, int height, int upper_left, int upper_right)
{
	gdImagePtr im = opened(a);

	CHECK(a.st == ST_OK);
	CHECK(a.refused == NULL);
	CHECK(im != NULL);
	if (!im)
		return;
	CHECK(a.width == width && a.height == height);
	CHECK(gdImageSX(im) == width && gdImageSY(im) == height);
	CHECK(near(gdImageGetPixel(im, width / 4, height / 4), upper_left));
	CHECK(near(gdImageGetPixel(im, width * 3 / 4, height / 4), upper_right));
	gdImageDestroy(im);
}

/* --- tests --- */

static void test_good_formats(void)
{
	gdImagePtr im = quarters(640, 400);
	int size;
	void *bmp = gdImageBmpPtr(im, &size, 0);

	expect_picture(convert(jpeg_of(640, 400)), 640, 400, RED, GREEN);
	expect_picture(convert(png_of(im)), 640, 400, RED, GREEN);
	expect_picture(convert(taken(bmp, size)), 640, 400, RED, GREEN);
}

static void test_palette_and_transparency_on_white(void)
{
	gdImagePtr clear = gdImageCreateTrueColor(400, 400), palette = quarters(400, 400);

	gdImageSaveAlpha(clear, 1);
	gdImageAlphaBlending(clear, 0);
	gdImageFilledRectangle(clear, 0, 0, 399, 399, gdTrueColorAlpha(0, 0, 0, gdAlphaTransparent));
	gdImageFilledRectangle(clear, 200, 0, 399, 399, BLUE);
	expect_picture(convert(png_of(clear)), 400, 400, WHITE, BLUE);
	gdImageTrueColorToPalette(palette, 0, 16);
	expect_picture(convert(png_of(palette)), 400, 400, RED, GREEN);
}

static void test_large_is_scaled(void)
{
	expect_picture(convert(jpeg_of(3200, 2400)), 2560, 1920, RED, GREEN);
	expect_picture(convert(jpeg_of(2400, 3200)), 1920, 2560, RED, GREEN);
	expect_picture(convert(jpeg_of(2560, 400)), 2560, 400, RED, GREEN);
}

static void test_orientation(void)
{
	static const int upper[9][2] = {
		[1] = {RED, GREEN}, [2] = {GREEN, RED}, [3] = {YELLOW, BLUE},  [4] = {BLUE, YELLOW},
		[5] = {RED, BLUE},  [6] = {BLUE, RED},  [7] = {YELLOW, GREEN}, [8] = {GREEN, YELLOW},
	};
	struct bytes jpeg = jpeg_of(640, 400);

	for (int o = 1; o <= 8; o++)
		for (int big = 0; big < 2; big++)
			expect_picture(convert(with_exif(jpeg, o, big)), o < 5 ? 640 : 400, o < 5 ? 400 : 640, upper[o][0], upper[o][1]);
	expect_picture(convert(with_exif(jpeg, 0, false)), 640, 400, RED, GREEN);
	expect_picture(convert(with_exif(jpeg, 9, true)), 640, 400, RED, GREEN);
	CHECK(image_orientation(jpeg.data, jpeg.length) == 1);
	for (size_t cut = 0; cut < 60; cut++) {
		struct bytes exif = with_exif(jpeg, 6, false);
		int o = image_orientation(arena_memdup(arena, exif.data, cut), cut);

		CHECK(o == 1 || (o == 6 && cut >= 2 + EXIF_SIZE));
	}
}

static void test_metadata_is_gone(void)
{
	static const char tail[] = "PK\3\4<?php evil ?><script>";
	struct bytes dirty = joined(with_exif(jpeg_of(640, 400), 1, false), text_bytes(tail, sizeof(tail) - 1));
	struct answer a = convert(dirty);

	CHECK(contains(dirty, "SECRETPLACE") && contains(dirty, "<script>"));
	expect_picture(a, 640, 400, RED, GREEN);
	CHECK(!contains(a.jpeg, "SECRETPLACE") && !contains(a.jpeg, "Exif") && !contains(a.jpeg, "<script>") && !contains(a.jpeg, "<?php"));
}

static void test_damaged(void)
{
	struct bytes jpeg = jpeg_of(640, 400), png = png_of(quarters(640, 400));
	size_t jpeg_cuts[] = {3, 20, 200, jpeg.length / 2, jpeg.length - 20, jpeg.length - 2, jpeg.length - 1};
	unsigned char *spoiled = arena_memdup(arena, jpeg.data, jpeg.length);

	for (size_t i = 0; i < sizeof(jpeg_cuts) / sizeof(jpeg_cuts[0]); i++)
		expect_refused((struct bytes){jpeg.data, jpeg_cuts[i]}, "file.broken");
	expect_refused((struct bytes){png.data, png.length / 2}, "file.broken");
	expect_refused((struct bytes){png.data, 8}, "file.broken");
	expect_refused(text_bytes("BM", 2), "file.broken");
	memset(spoiled + jpeg.length / 2, 0xFF, jpeg.length / 4);
	expect_refused((struct bytes){spoiled, jpeg.length}, "file.broken");
}

static void test_floods(void)
{
	static const char png[] = "\x89PNG\r\n\x1A\n\0\0\0\x0DIHDR\0\0\xFF\xFF\0\0\xFF\xFF\x08\x06\0\0\0\0\0\0\0";
	static const char jpeg[] = "\xFF\xD8\xFF\xC0\x00\x11\x08\xFF\xFF\xFF\xFF\x03\x01\x11\0\x02\x11\0\x03\x11\0";
	static const char bmp[] = "BM\0\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0\xFF\xFF\0\0\x01\0\xFF\xFF\x01\0\x18\0\0\0\0\0\0\0\0\0\0\0\0\0";
	static const char bmp_lowest[] = "BM\0\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0\xFF\xFF\0\0\0\0\0\x80\x01\0\x18\0\0\0\0\0\0\0\0\0\0\0\0\0";

	expect_refused(text_bytes(png, sizeof(png) - 1), "file.pixels");
	expect_refused(text_bytes(jpeg, sizeof(jpeg) - 1), "file.pixels");
	expect_refused(text_bytes(bmp, sizeof(bmp) - 1), "file.pixels");
	expect_refused(text_bytes(bmp_lowest, sizeof(bmp_lowest) - 1), "file.broken");
}

static void test_small(void)
{
	expect_refused(jpeg_of(299, 1000), "id.small");
	expect_refused(jpeg_of(1000, 299), "id.small");
	expect_refused(jpeg_of(8000, 310), "id.small"); /* a strip: scaling leaves 99 rows */
	expect_picture(convert(jpeg_of(300, 300)), 300, 300, RED, GREEN);
}

static void test_other_files(void)
{
	expect_refused(text_bytes("\0\0\0\x18"
				  "ftypheic\0\0\0\0mif1heic",
				  24),
		       "file.heic");
	expect_refused(text_bytes("\0\0\0\x18"
				  "ftypavif\0\0\0\0mif1avif",
				  24),
		       "file.heic");
	expect_refused(text_bytes("\0\0\0\x18"
				  "ftypisom\0\0\0\0isommp41",
				  24),
		       "file.type");
	expect_refused(text_bytes("GIF89a not a picture", 20), "file.type");
	expect_refused(text_bytes("%PDF-1.4 hello", 14), "file.type");
	expect_refused(text_bytes("<html><img src=x>", 17), "file.type");
	expect_refused(text_bytes("", 0), "file.empty");
}

static void test_byte_limit(void)
{
	size_t limit = (size_t)config.picture_max_mb << 20;
	char *zeros = arena_alloc(arena, limit + 1);
	struct image_convert *p = NULL;

	CHECK(convert_with(program, zeros, limit + 1).st == ST_LIMIT);
	expect_refused((struct bytes){(unsigned char *)zeros, limit}, "file.type");
	CHECK(image_start(&p, arena, program, &config) == ST_OK);
	CHECK(image_feed(p, zeros, SIZE_MAX) == ST_LIMIT);
}

/* A script in the place of the program. */
static const char *script(const char *body)
{
	char *path = arena_strdup(arena, "/tmp/test-image-XXXXXX");
	int fd = mkstemp(path);
	char *text = arena_printf(arena, "#!/bin/sh\n%s\n", body);

	CHECK(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text) && fchmod(fd, 0700) == 0);
	close(fd);
	return path;
}

static struct answer convert_with_script(const char *body, const void *data, size_t length)
{
	const char *path = script(body);
	struct answer a = convert_with(path, data, length);

	unlink(path);
	return a;
}

static void test_bad_program(void)
{
	char *zeros = arena_alloc(arena, 3 << 20);
	struct answer crashed = convert_with_script("kill -SEGV $$", "x", 1);

	CHECK(crashed.st == ST_OK);
	CHECK_TEXT(crashed.refused, "file.broken");
	CHECK(convert_with("/nonexistent/realname-image", "x", 1).st == ST_UNAVAILABLE);
	CHECK(convert_with("/bin/true", zeros, 3 << 20).st == ST_ERROR); /* takes nothing: no SIGPIPE here */
	CHECK(convert_with_script("exit 3", "x", 1).st == ST_ERROR);
	CHECK(convert_with_script("echo refused nonsense", "x", 1).st == ST_ERROR);
	CHECK(convert_with_script("echo ok 640 400 jpeg; echo no picture", "x", 1).st == ST_ERROR);
	CHECK(convert_with_script("echo ok -1 400 jpeg; printf '\\377\\330\\377\\340'", "x", 1).st == ST_ERROR);
	CHECK(convert_with_script("head -c 7000000 /dev/zero", "x", 1).st == ST_ERROR);
	CHECK(convert_with_script("test -z \"$HOME$SECRET\" && echo refused small", "x", 1).st == ST_OK);
}

static int open_descriptors(void)
{
	int count = 0;

	for (int fd = 0; fd < 256; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}

static void test_nothing_is_left(void)
{
	struct arena *own = arena_create();
	struct image_convert *p = NULL;
	int before = open_descriptors();

	CHECK(image_start(&p, own, program, &config) == ST_OK);
	CHECK(image_feed(p, "half a picture", 14) == ST_OK);
	CHECK(open_descriptors() > before);
	arena_destroy(own);
	CHECK(open_descriptors() == before);
	/* Everything that this file started has been waited for by the end of its arena. */
	arena_reset(arena);
	errno = 0;
	CHECK(waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD);
}

int main(void)
{
	ssize_t length = readlink("/proc/self/exe", program, sizeof(program) - 64);
	char *slash;

	program[length > 0 ? length : 0] = '\0';
	slash = strrchr(program, '/');
	snprintf(slash ? slash : program, 64, "/../bin/realname-image");
	setenv("SECRET", "must not reach the child", 1);
	log_start("test");
	arena = arena_create();
	RUN(test_good_formats);
	RUN(test_palette_and_transparency_on_white);
	RUN(test_large_is_scaled);
	RUN(test_orientation);
	RUN(test_metadata_is_gone);
	RUN(test_damaged);
	RUN(test_floods);
	RUN(test_small);
	RUN(test_other_files);
	RUN(test_byte_limit);
	RUN(test_bad_program);
	RUN(test_nothing_is_left);
	arena_destroy(arena);
	return test_failures;
}
