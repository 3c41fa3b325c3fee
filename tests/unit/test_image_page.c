/* Agreements as pages and the watermark, through the real realname-image. */
#include "test.h"

#include <gd.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#include "image/convert.h"
#include "image/page.h"

#define FONT "Noto Sans CJK SC"
#define GRAY 0x808080

static struct arena *a;
static char program[PATH_MAX];
static const struct config config = {.picture_max_mb = 4, .picture_max_megapixels = 50};

static struct bytes marked(struct bytes picture, const struct recode_mark *mark)
{
	struct image_convert *p;
	struct bytes jpeg = {NULL, 0};
	const char *refused = "not asked";
	int width, height;
	enum status st = image_start_marked(&p, a, program, &config, mark);
	if (st == ST_OK)
		st = image_feed(p, picture.data, picture.length);
	if (st == ST_OK)
		st = image_finish(p, &jpeg, &width, &height, &refused);
	CHECK(st == ST_OK && refused == NULL);
	return jpeg;
}

static gdImagePtr opened(struct bytes jpeg)
{
	void *copy = arena_memdup(a, jpeg.data, jpeg.length);
	return gdImageCreateFromJpegPtr((int)jpeg.length, copy);
}

static struct bytes plain(int width, int height, int color)
{
	gdImagePtr im = gdImageCreateTrueColor(width, height);
	int size;
	gdImageFilledRectangle(im, 0, 0, width - 1, height - 1, color);
	void *jpeg = gdImageJpegPtr(im, &size, 95);
	struct bytes out = {arena_memdup(a, jpeg, (size_t)size), (size_t)size};
	gdFree(jpeg);
	gdImageDestroy(im);
	return out;
}

static int level(gdImagePtr im, int x, int y)
{
	return gdTrueColorGetGreen(gdImageTrueColorPixel(im, x, y));
}

/* Where the tile says so, and nowhere else; small pictures are taken as they are. */
static void test_page__a_mark_is_seen_on_any_picture(void)
{
	static const struct {
		int color, direction;
	} pictures[] = {{0xFFFFFF, -1}, {GRAY, -1}, {0x303030, 1}, {0x000000, 1}};
	unsigned char tile[64 * 32];
	const struct recode_mark mark = {tile, 64, 32};
	memset(tile, 0, sizeof(tile));
	for (int y = 8; y < 24; y++)
		memset(tile + y * 64 + 16, 255, 32);
	for (size_t i = 0; i < sizeof(pictures) / sizeof(pictures[0]); i++) {
		gdImagePtr im = opened(marked(plain(200, 120, pictures[i].color), &mark));
		int clean = pictures[i].color & 0xFF;
		CHECK(im != NULL);
		if (!im)
			return;
		CHECK(abs(level(im, 4, 4) - clean) < 6 && abs(level(im, 68, 36) - clean) < 6);
		for (int tiles = 0; tiles < 2; tiles++) /* the tile and its neighbour */
			CHECK((level(im, 32 + 64 * tiles, 16 + 32 * tiles) - clean) * pictures[i].direction > 12);
		gdImageDestroy(im);
	}
}

static void test_page__a_mark_suits_the_picture(void)
{
	struct recode_mark small, large, other;
	size_t ink = 0;
	CHECK(page_mark(a, FONT, "仅供示例运营商车联网卡实名登记使用 2026-11-22", 480, &small) == ST_OK);
	CHECK(page_mark(a, FONT, "仅供示例运营商车联网卡实名登记使用 2026-11-22", 1600, &large) == ST_OK);
	CHECK(page_mark(a, FONT, "仅供示例运营商车联网卡实名登记使用 2026-11-23", 480, &other) == ST_OK);
	CHECK(large.width > 2 * small.width && large.height > 2 * small.height);
	CHECK(other.width == small.width && memcmp(other.coverage, small.coverage, (size_t)(small.width * small.height)) != 0);
	for (int i = 0; i < small.width * small.height; i++)
		ink += small.coverage[i] > 128;
	CHECK(ink * 150 > (size_t)(small.width * small.height) && ink * 4 < (size_t)(small.width * small.height));
}

static void test_page__text_goes_over_pages(void)
{
	struct page_part parts[120] = {{PAGE_TITLE, "车联网卡入网协议"}, {PAGE_NOTE, "版本 1.0"}};
	struct pages pages, again;
	const struct recode_mark mark = {(const unsigned char *)"\0", 1, 1};
	for (int i = 2; i < 120; i++)
		parts[i] = (struct page_part){
			i % 10 ? PAGE_PARAGRAPH : PAGE_HEADING,
			"按照国家规定，车联网卡要登记车主的真实身份。运营商只为已经登记的卡开通所需的语音、短信和流量功能。"};
	CHECK(pages_draw(a, FONT, parts, 120, "车联网卡入网协议 1.0", &pages) == ST_OK);
	CHECK(pages.count >= 4 && pages.count <= 8 && pages.unknown == 0);
	CHECK(pages_draw(a, FONT, parts, 120, "车联网卡入网协议 1.0", &again) == ST_OK && again.count == pages.count);
	for (int i = 0; i < pages.count; i++) {
		CHECK(again.page[i].length == pages.page[i].length &&
		      memcmp(again.page[i].data, pages.page[i].data, pages.page[i].length) == 0);
		gdImagePtr im = opened(marked(pages.page[i], &mark));
		CHECK(im && gdImageSX(im) == PAGE_WIDTH && gdImageSY(im) == PAGE_HEIGHT);
		int dark = 0, margin = 0;
		for (int y = 0; im && y < PAGE_HEIGHT; y++)
			for (int x = 0; x < PAGE_WIDTH; x++) {
				dark += level(im, x, y) < 100;
				margin += x < 60 && level(im, x, y) < 200;
			}
		CHECK(margin == 0 && dark > 500 && dark < PAGE_WIDTH * PAGE_HEIGHT / 5);
		if (i + 1 < pages.count) /* all but the last are full */
			CHECK(dark > 15000);
		gdImageDestroy(im);
	}
}

/* A picture is made in one place and the same bytes come out, so that a file that is built again is the same file. */
static void test_page__the_same_bytes_again(void)
{
	struct recode_mark mark;
	CHECK(page_mark(a, FONT, "仅供示例运营商车联网卡实名登记使用 2026-11-22", 480, &mark) == ST_OK);
	struct bytes picture = plain(640, 480, GRAY), one = marked(picture, &mark), other = marked(picture, &mark);
	CHECK(one.length > 0 && one.length == other.length && memcmp(one.data, other.data, one.length) == 0);
}

static void test_page__what_cannot_be_drawn_is_counted(void)
{
	const struct page_part part = {PAGE_PARAGRAPH,
				       "姓名：\xf0\xaa\xaa\xaa\xf4\x8f\xbf\xbd"}; /* the second is no character of any font */
	struct pages pages;
	CHECK(pages_draw(a, FONT, &part, 1, "x", &pages) == ST_OK && pages.count == 1);
	CHECK(pages.unknown >= 1);
	CHECK(page_font_works(FONT));
}

static void test_page__too_long(void)
{
	struct page_part *parts = arena_alloc(a, 2000 * sizeof(*parts));
	struct pages pages;
	for (int i = 0; i < 2000; i++)
		parts[i] = (struct page_part){PAGE_HEADING, "一"};
	CHECK(pages_draw(a, FONT, parts, 2000, "x", &pages) == ST_LIMIT);
}

/* What fontconfig keeps of the fonts that it found, until the process ends. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:libfontconfig";
}

int main(void)
{
	ssize_t length = readlink("/proc/self/exe", program, sizeof(program) - 64);
	program[length > 0 ? length : 0] = '\0';
	char *slash = strrchr(program, '/');
	snprintf(slash ? slash : program, 64, "/../bin/realname-image");
	a = arena_create();
	RUN(test_page__a_mark_is_seen_on_any_picture);
	RUN(test_page__a_mark_suits_the_picture);
	RUN(test_page__text_goes_over_pages);
	RUN(test_page__the_same_bytes_again);
	RUN(test_page__what_cannot_be_drawn_is_counted);
	RUN(test_page__too_long);
	arena_destroy(a);
	return test_failures;
}
