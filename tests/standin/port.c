/* The listening socket and the file that tells its port. */
#include "port.h"

#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int port_listen(const char *address)
{
	const char *colon = strrchr(address, ':');
	struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV},
			*found = NULL;
	char host[256];
	int one = 1, fd = -1;

	if (!colon || (size_t)(colon - address) >= sizeof(host)) {
		fprintf(stderr, "--listen %s: HOST:PORT is needed\n", address);
		return -1;
	}
	snprintf(host, sizeof(host), "%.*s", (int)(colon - address), address);
	if (getaddrinfo(host, colon + 1, &hints, &found) == 0)
		fd = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd >= 0 && (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) || bind(fd, found->ai_addr, found->ai_addrlen) ||
			listen(fd, SOMAXCONN))) {
		close(fd);
		fd = -1;
	}
	if (fd < 0)
		fprintf(stderr, "--listen %s: cannot listen there\n", address);
	if (found)
		freeaddrinfo(found);
	return fd;
}

int port_number(int fd)
{
	struct sockaddr_storage address;
	socklen_t length = sizeof(address);
	char port[16] = "0";

	getsockname(fd, (struct sockaddr *)&address, &length);
	getnameinfo((struct sockaddr *)&address, length, NULL, 0, port, sizeof(port), NI_NUMERICSERV);
	return atoi(port);
}

bool port_write(const char *dir, int port)
{
	char whole[4096], part[4096];
	FILE *file;
	bool good;

	snprintf(whole, sizeof(whole), "%s/port", dir);
	snprintf(part, sizeof(part), "%s/port.tmp", dir);
	file = fopen(part, "w");
	good = file && fprintf(file, "%d\n", port) > 0;
	if (file && fclose(file))
		good = false;
	if (!good || rename(part, whole)) {
		perror(whole);
		return false;
	}
	return true;
}

void port_remove(const char *dir)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s/port", dir);
	unlink(path);
}
