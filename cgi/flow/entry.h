/* Entry by link: the page that a link opens, and the endpoint where an app's back end asks for links (docs/entry-links.md). */
#ifndef FLOW_ENTRY_H
#define FLOW_ENTRY_H

#include "flow/flow.h"
#include "store/entry.h"

enum status entry_serve(struct request *r);     /* /e/TOKEN: GET uses nothing up, POST does and begins a draft */
enum status entry_api_serve(struct request *r); /* POST /api/link */

/* Owned.N.* of the page: the cars of a link. chosen: the id that is ticked, NULL for none. */
void entry_show_cars(struct request *r, const struct entry_car *cars, int count, const char *chosen);

#endif
