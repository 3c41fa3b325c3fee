/* Reading small files that an operator wrote. Content never reaches a message. */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static enum status read_all(int fd, const char *path, char *text, size_t limit)
{
	size_t length = 0;
	while (length <= limit) {
		ssize_t got = read(fd, text + length, limit + 1 - length);
		if (got == 0)
			break;
		if (got < 0 && errno != EINTR)
			return status_fail(ST_INVALID, "%s: %s", path, strerror(errno));
		length += got > 0 ? (size_t)got : 0;
	}
	if (length > limit)
		return status_fail(ST_INVALID, "%s: longer than %zu bytes", path, limit);
	return strlen(text) == length ? ST_OK : status_fail(ST_INVALID, "%s: holds a NUL byte", path);
}

enum status file_read_text(struct arena *a, const char *path, size_t limit, char **out, unsigned *mode)
{
	enum status st;
	struct stat info;
	char *text = arena_alloc(a, limit + 2);
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a pipe in this place must not block the start */
	if (fd < 0)
		return status_fail(errno == ENOENT ? ST_NOT_FOUND : ST_INVALID, "%s: %s", path, strerror(errno));
	if (fstat(fd, &info) == 0 && S_ISREG(info.st_mode))
		st = read_all(fd, path, text, limit);
	else
		st = status_fail(ST_INVALID, "%s: not a regular file", path);
	close(fd);
	if (st != ST_OK)
		return st;
	*out = text;
	if (mode)
		*mode = (unsigned)info.st_mode & 07777;
	return ST_OK;
}

char *file_version(struct arena *a, const char *path)
{
	struct stat info;
	if (stat(path, &info) != 0)
		return arena_strdup(a, "");
	return arena_printf(a, "%llu.%09ld-%lld-%llu", (unsigned long long)info.st_mtim.tv_sec, info.st_mtim.tv_nsec, (long long)info.st_size,
			    (unsigned long long)info.st_ino);
}
