/* The caller's side of realname-image: a child that is fed with the bytes of a picture as they arrive and gives a clean JPEG. The child
 * reads all of its input before it writes, and both directions have deadlines: no deadlock. */
#ifndef IMAGE_CONVERT_H
#define IMAGE_CONVERT_H

#include "base/arena.h"
#include "base/config.h"
#include "base/status.h"
#include "base/text.h"
#include "image/recode.h"

#include "image/pdf.h"

#define IMAGE_JPEG_MAX (6u << 20)
#define PDF_ANSWER_MAX (32u << 20) /* all pages together */
#define IMAGE_WAIT_MS 20000

struct image_convert; /* a running realname-image */

/* Starts program (c->image_program) with the limits of c. The arena's end kills and reaps it, whatever happened before.
 * ST_UNAVAILABLE: no process or program. */
enum status image_start(struct image_convert **out, struct arena *a, const char *program, const struct config *c) MUST_CHECK;
/* The same for a stored picture that leaves the house: mark is put on it (image/recode.h; borrowed during the call, at most 4096 x 4096),
 * and it may be as small as it is. */
enum status image_start_marked(struct image_convert **out, struct arena *a, const char *program, const struct config *c,
			       const struct recode_mark *mark) MUST_CHECK;
/* Hands bytes on. ST_LIMIT: more than c->picture_max_mb in all ("file.big"); ST_UNAVAILABLE: the child does not take them
 * within IMAGE_WAIT_MS. A child that ended early is told by image_finish. */
enum status image_feed(struct image_convert *p, const void *bytes, size_t length) MUST_CHECK;
/* Ends the input and waits (IMAGE_WAIT_MS at most). ST_OK with *refused NULL: the JPEG (in the arena, at most
 * IMAGE_JPEG_MAX) and its size. ST_OK with *refused a message key ("file.heic", "file.type", "file.broken", "file.empty",
 * "file.big", "file.pixels", "id.small"): the picture is at fault. ST_UNAVAILABLE, ST_ERROR: we are; try again.
 * Once only per image_start. */
enum status image_finish(struct image_convert *p, struct bytes *jpeg, int *width, int *height, const char **refused) MUST_CHECK;

/* The pages of a PDF, in the same way: program is c->pdf_program. */
struct pdf_pages {
	int count;
	struct bytes page[PDF_PAGES_MAX]; /* JPEG */
};
enum status pdf_start(struct image_convert **out, struct arena *a, const char *program, const struct config *c) MUST_CHECK;
/* As image_finish; the message keys are "file.empty", "file.big", "paper.type", "paper.broken", "paper.locked", "paper.long". */
enum status pdf_finish(struct image_convert *p, struct pdf_pages *out, const char **refused) MUST_CHECK;

#endif
