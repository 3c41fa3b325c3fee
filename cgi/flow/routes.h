/* The table of routes of the web program. */
#ifndef FLOW_ROUTES_H
#define FLOW_ROUTES_H

#include "http/router.h"

extern const struct route routes[]; /* ends with a NULL path */

#endif
