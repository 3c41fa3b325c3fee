/* See pipe.h. It knows nothing of what goes through. */
#include "image/pipe.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

bool pipe_read(unsigned char *data, size_t size, size_t *length)
{
	*length = 0;
	while (*length < size) {
		ssize_t got = read(STDIN_FILENO, data + *length, size - *length);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return false;
		if (got == 0)
			break;
		*length += (size_t)got;
	}
	return true;
}

bool pipe_write(const void *data, size_t length)
{
	const char *p = data;

	while (length > 0) {
		ssize_t put = write(STDOUT_FILENO, p, length);

		if (put < 0 && errno == EINTR)
			continue;
		if (put <= 0)
			return false;
		p += put;
		length -= (size_t)put;
	}
	return true;
}

bool pipe_write_line(const char *line)
{
	return pipe_write(line, strlen(line));
}
