/* Pages outside the flows. */
#ifndef FLOW_PAGES_H
#define FLOW_PAGES_H

#include "http/request.h"

enum status home_serve(struct request *r);   /* / */
enum status health_serve(struct request *r); /* /healthz: 200 when this worker serves */
enum status ready_serve(struct request *r);  /* /readyz: each part and whether it is well; 200 or 503 */

#endif
