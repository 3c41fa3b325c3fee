/* Certificates, as far as we read them ourselves. */
#ifndef BASE_X509_H
#define BASE_X509_H

#include "base/arena.h"

/* The subject of the first certificate of a PEM file, in the words of RFC 2253, as nginx gives it too. Arena. ST_INVALID when the file
 * cannot be read or holds none. */
enum status x509_subject(struct arena *a, const char *path, char **out) MUST_CHECK;

#endif
