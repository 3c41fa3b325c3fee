/* Only test builds have anything here. */
#include "jobs/crash.h"

#ifdef CRASH_POINTS
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void crash_point(const char *name)
{
	static int seen;
	const char *wanted = getenv("REALNAME_CRASH"), *mark = getenv("REALNAME_CRASH_MARK");
	size_t length = strlen(name);
	if (!wanted || strncmp(wanted, name, length) != 0 || (wanted[length] && wanted[length] != ':'))
		return;
	if (++seen != (wanted[length] ? atoi(wanted + length + 1) : 1))
		return;
	if (mark) {
		int fd = open(mark, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
		if (fd < 0)
			return;
		close(fd);
	}
	raise(SIGKILL);
}
#endif
