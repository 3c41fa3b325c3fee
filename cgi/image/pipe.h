/* Standard input and output of the programs in the sandbox: whole, whatever the system gives at a time. */
#ifndef IMAGE_PIPE_H
#define IMAGE_PIPE_H

#include <stdbool.h>
#include <stddef.h>

/* Fills at most size bytes; false on a read error. */
bool pipe_read(unsigned char *data, size_t size, size_t *length);
bool pipe_write(const void *data, size_t length);
bool pipe_write_line(const char *line);

#endif
