/* How long a page's session lasts: told on the page, warned of two minutes ahead by the script, lengthened with one tap; and the way
 * back into a draft that has paused. */
#ifndef FLOW_KEEP_H
#define FLOW_KEEP_H

#include "http/request.h"
#include "store/lifetime.h"

#define PAUSED_PLACE "/paused"

/* Keep.* of the page, for the role that lets the visitor see it; nothing when the session is not in it. */
enum status keep_show(struct request *r, enum lifetime_role role) MUST_CHECK;
/* The same of what was loaded already. */
void keep_view(struct request *r, enum lifetime_role role, const struct lifetime *l);
/* Whether this browser has a draft that is paused and not submitted. */
enum status paused_here(struct request *r, bool *paused) MUST_CHECK;

/* Routes. */
enum status keep_serve(struct request *r);   /* /session: GET tells what is left and changes nothing, POST lengthens it */
enum status paused_serve(struct request *r); /* /paused: GET says what there is, POST sends the code that opens it again */

#endif
