/* QR codes. The only user of libqrencode. */
#ifndef FLOW_QR_H
#define FLOW_QR_H

#include "base/arena.h"

/* The dark squares of the code of text (at most 300 bytes) as the path of an SVG whose viewBox is "0 0 SIZE SIZE", the quiet zone
 * included. Arena; NULL when the text does not fit. */
char *qr_path(struct arena *a, const char *text, int *size);

#endif
