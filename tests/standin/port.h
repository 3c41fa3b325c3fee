/* The listening socket and the file that tells its port. */
#ifndef STANDIN_PORT_H
#define STANDIN_PORT_H

#include <stdbool.h>

/* A listening socket for "host:port", port 0 = a free one; -1 with a line on stderr. */
int port_listen(const char *address);
/* The port it has. */
int port_number(int fd);
/* Writes dir/port in one go: whoever waits for it finds it whole. False with a line on stderr. */
bool port_write(const char *dir, int port);
void port_remove(const char *dir);

#endif
