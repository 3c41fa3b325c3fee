/* Builds a whole line and hands it over with one write, so that lines of several processes never mix. */
#include "base/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define LINE_MAX_BYTES 2048 /* below PIPE_BUF: a write to a pipe stays whole */

static char log_part[32] = "realname";
static char log_id[80];

void log_start(const char *part)
{
	snprintf(log_part, sizeof(log_part), "%s", part);
}

void log_request(const char *id)
{
	snprintf(log_id, sizeof(log_id), "%s", id ? id : "");
}

/* Control characters (also U+0080..U+009F) and bytes that cannot be UTF-8 must not reach a terminal or start a line. */
static void defuse(char *line, size_t length)
{
	unsigned char *p = (unsigned char *)line;
	for (size_t i = 0; i < length; i++) {
		if (p[i] < 0x20 || p[i] == 0x7f || p[i] >= 0xf8 || p[i] == 0xc0 || p[i] == 0xc1)
			p[i] = '?';
		else if (p[i] == 0xc2 && i + 1 < length && p[i + 1] >= 0x80 && p[i + 1] < 0xa0)
			p[i] = p[i + 1] = '?';
	}
}

static size_t bounded(int printed, size_t room)
{
	if (printed < 0)
		return 0;
	return (size_t)printed < room ? (size_t)printed : room - 1;
}

static void write_line(const char *level, const char *event, const char *format, va_list args)
{
	char line[LINE_MAX_BYTES];
	int saved = errno;
	struct tm tm = {0};
	time_t now = time(NULL);
	gmtime_r(&now, &tm);
	size_t room = sizeof(line) - 1, length = strftime(line, room, "%Y-%m-%dT%H:%M:%SZ", &tm);
	length += bounded(snprintf(line + length, room - length, " %s[%ld] %s %s", log_part, (long)getpid(), level, event), room - length);
	if (log_id[0])
		length += bounded(snprintf(line + length, room - length, " id=%s", log_id), room - length);
	if (format && format[0]) {
		length += bounded(snprintf(line + length, room - length, " "), room - length);
		length += bounded(vsnprintf(line + length, room - length, format, args), room - length);
	}
	defuse(line, length);
	line[length++] = '\n';
	ssize_t written;
	do
		written = write(STDERR_FILENO, line, length);
	while (written < 0 && errno == EINTR); /* nowhere to report any other failure */
	errno = saved;
}

#define LEVEL(function, level)                                                                                                             \
	void function(const char *event, const char *format, ...)                                                                          \
	{                                                                                                                                  \
		va_list args;                                                                                                              \
		va_start(args, format);                                                                                                    \
		write_line(level, event, format, args);                                                                                    \
		va_end(args);                                                                                                              \
	}

LEVEL(log_info, "info")
LEVEL(log_warn, "warn")
LEVEL(log_error, "error")
LEVEL(log_alarm, "alarm")
