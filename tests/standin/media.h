/* Recognises pictures and clips by their first bytes. */
#ifndef STANDIN_MEDIA_H
#define STANDIN_MEDIA_H

#include <stdbool.h>
#include <stddef.h>

/* False when the bytes are no JPEG, PNG or BMP, or end before the size is told. */
bool media_picture_size(const unsigned char *bytes, size_t n, unsigned int *width, unsigned int *height);
/* MP4 or QuickTime, WebM or Matroska, AVI, FLV. */
bool media_is_clip(const unsigned char *bytes, size_t n);

#endif
