/* One line an event on stderr: "2026-11-21T12:15:00Z web[1234] info request id=… method=GET route=/register/vehicle status=200 ms=3".
 * Never personal data: ids, counts, status names. Values are printed through the format; control characters become '?'. */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "base/status.h"

/* Part names the process ("web", "jobs", "ctl"). Call once at start. */
void log_start(const char *part);
/* Written with every following line of this process as " id=…", NULL for none. Copied. */
void log_request(const char *id);
void log_info(const char *event, const char *format, ...) PRINTF_LIKE(2, 3);
void log_warn(const char *event, const char *format, ...) PRINTF_LIKE(2, 3);
void log_error(const char *event, const char *format, ...) PRINTF_LIKE(2, 3);
/* Something a person must look at (budget used up, credential refused, dead letter): level "alarm". */
void log_alarm(const char *event, const char *format, ...) PRINTF_LIKE(2, 3);

#endif
