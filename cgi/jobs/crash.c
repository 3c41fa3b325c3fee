/* Only test builds have anything here. */
#include "jobs/crash.h"

#ifdef CRASH_POINTS
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static void by_environment(const char *name)
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

/* The signal to raise, 0 for none. The lock makes one process the one that is struck. */
static int read_order(int fd, const char *path, const char *subject)
{
	char text[128] = "", wanted[64] = "";
	int count = 0, number = 0;
	struct stat now;
	if (flock(fd, LOCK_EX) != 0 || fstat(fd, &now) != 0 || now.st_nlink == 0 || pread(fd, text, sizeof(text) - 1, 0) <= 0)
		return 0;
	if (sscanf(text, "%d %d %63s", &count, &number, wanted) < 2 || (wanted[0] && strcmp(wanted, subject) != 0))
		return 0;
	if (count > 1)
		return ftruncate(fd, 0) == 0 &&
				       pwrite(fd, text, (size_t)snprintf(text, sizeof(text), "%d %d %s", count - 1, number, wanted), 0) < 0
			       ? number
			       : 0;
	return count == 0 || unlink(path) == 0 ? number : 0;
}

static void by_file(const char *name, const char *subject)
{
	const char *folder = getenv("REALNAME_CRASH_DIR");
	char path[4096];
	if (!folder)
		return;
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	int fd = open(path, O_RDWR | O_CLOEXEC), number = 0;
	if (fd < 0)
		return;
	number = read_order(fd, path, subject);
	close(fd);
	if (number)
		raise(number);
}

void crash_point_of(const char *name, const char *subject)
{
	by_environment(name);
	by_file(name, subject);
}
#endif
