/* Inside table/ only: the encoding of a text file, and the file as a stream of UTF-8. */
#ifndef TABLE_ENCODING_H
#define TABLE_ENCODING_H

#include <stdio.h>

#include "base/text.h"

/* "UTF-8", "GB18030" (which GBK is part of), "UTF-16LE" or "UTF-16BE"; NULL when the file is no text in any of them. The whole file is
 * looked at: a byte order mark decides, then whether all of it is well-formed UTF-8, then GB18030. */
const char *encoding_find(struct arena *a, struct bytes file);
/* The text behind the byte order mark in UTF-8. encoding: what encoding_find said. Closed with the arena. */
FILE *encoding_open(struct arena *a, struct bytes file, const char *encoding);

#endif
