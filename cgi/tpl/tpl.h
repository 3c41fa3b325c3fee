/* The only user of ClearSilver. Every page template (a .cs file whose name does not begin with '_') is parsed once per
 * process; a request brings its own dataset. html escaping is on for every template. */
#ifndef TPL_TPL_H
#define TPL_TPL_H

#include "base/arena.h"
#include "base/text.h"

struct tpl;
struct view; /* a dataset of one page */

/* Parses every template below dir (names like "step/vehicle"). ST_INVALID with the template and line in the message. */
enum status tpl_open(struct tpl **out, const char *dir) MUST_CHECK;
void tpl_close(struct tpl *t);
/* A value for every page (Site.*); before the first render. */
void tpl_site(struct tpl *t, const char *name, const char *value);

/* A new dataset, released with the arena. */
struct view *view_create(struct arena *a, struct tpl *t);
/* Names are literals of ours, never data: "Car.brand", "Cards.0.iccid". NULL values are not set. */
void view_set(struct view *v, const char *name, const char *value);
void view_int(struct view *v, const char *name, long value);
void view_flag(struct view *v, const char *name, int on); /* "1" or not set */
/* prefix.index.field: lists. */
void view_item(struct view *v, const char *prefix, int index, const char *field, const char *value);

/* Renders into the buffer. ST_NOT_FOUND: no such template. */
enum status tpl_render(struct tpl *t, struct view *v, const char *name, struct buffer *out) MUST_CHECK;

#endif
