/* The picture that liveness checks hand back. */
#ifndef STANDIN_PORTRAIT_H
#define STANDIN_PORTRAIT_H

#define PORTRAIT_SIZE 4756

extern const unsigned char portrait_jpeg[PORTRAIT_SIZE];

#endif
