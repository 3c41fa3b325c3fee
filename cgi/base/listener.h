/* The unix socket of a FastCGI program, reached by nginx through its group. */
#ifndef BASE_LISTENER_H
#define BASE_LISTENER_H

#include "base/status.h"

/* Makes a socket of mode 0660 at path, not blocking: workers that lose the race for a connection get EAGAIN. Takes the place of one
 * that a dead process left; ST_CONFLICT when somebody still listens there, or when something else has the name. */
enum status listener_open(int *out, const char *path, int backlog) MUST_CHECK;

#endif
