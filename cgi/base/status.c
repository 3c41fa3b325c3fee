/* The last failure message of this process. It knows nothing of logs, requests or users. */
#include "base/status.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static char message[256];

enum status status_fail(enum status code, const char *format, ...)
{
	/* formatted apart: an argument may be status_message() itself */
	char text[sizeof(message)];
	va_list args;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	memcpy(message, text, sizeof(message));
	return code;
}

const char *status_message(void)
{
	return message;
}

const char *status_name(enum status code)
{
	static const char *const names[ST_MAX] = {
		[ST_OK] = "ok",         [ST_NOT_FOUND] = "not_found", [ST_INVALID] = "invalid", [ST_CONFLICT] = "conflict",
		[ST_DENIED] = "denied", [ST_LIMIT] = "limit",         [ST_BUSY] = "busy",       [ST_UNAVAILABLE] = "unavailable",
		[ST_ERROR] = "error",
	};
	return (unsigned)code < ST_MAX ? names[code] : "unknown";
}
