/* Opens a listening unix socket. Knows nothing of what is spoken over it. */
#include "base/listener.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static enum status socket_address(struct sockaddr_un *out, const char *path)
{
	memset(out, 0, sizeof(*out));
	out->sun_family = AF_UNIX;
	if (!path || !*path || strlen(path) >= sizeof(out->sun_path))
		return status_fail(ST_INVALID, "the path of the socket is empty or longer than %zu bytes", sizeof(out->sun_path) - 1);
	memcpy(out->sun_path, path, strlen(path));
	return ST_OK;
}

static enum status remove_stale(const struct sockaddr_un *address)
{
	const char *path = address->sun_path;
	struct stat info;
	int fd, refused;

	if (lstat(path, &info) != 0)
		return errno == ENOENT ? ST_OK : status_fail(ST_ERROR, "%s: %s", path, strerror(errno));
	if (!S_ISSOCK(info.st_mode))
		return status_fail(ST_CONFLICT, "%s exists and is not a socket", path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return status_fail(ST_ERROR, "socket: %s", strerror(errno));
	refused = connect(fd, (const struct sockaddr *)address, sizeof(*address)) != 0 && errno == ECONNREFUSED;
	close(fd);
	if (!refused)
		return status_fail(ST_CONFLICT, "another process listens on %s", path);
	return unlink(path) == 0 ? ST_OK : status_fail(ST_ERROR, "unlink %s: %s", path, strerror(errno));
}

enum status listener_open(int *out, const char *path, int backlog)
{
	struct sockaddr_un address;
	enum status status = socket_address(&address, path);
	mode_t before;
	int fd, bound;

	if (status == ST_OK)
		status = remove_stale(&address);
	if (status != ST_OK)
		return status;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return status_fail(ST_ERROR, "socket: %s", strerror(errno));
	before = umask(0117);
	bound = bind(fd, (const struct sockaddr *)&address, sizeof(address));
	umask(before);
	if (bound != 0 || listen(fd, backlog) != 0) {
		status = status_fail(ST_ERROR, "listen on %s: %s", path, strerror(errno));
		close(fd);
		return status;
	}
	*out = fd;
	return ST_OK;
}
