/* Locks the calling process in before it touches hostile bytes. */
#ifndef IMAGE_SANDBOX_H
#define IMAGE_SANDBOX_H

#include "base/status.h"

/* From here on: standard input can be read, standard output and error can be written, memory can be asked for (768 MiB in
 * all), 20 s of processor time. Every other system call kills the process (SIGSYS). All other descriptors are closed.
 * Cannot be undone. On anything but ST_OK the caller must end without reading. */
enum status sandbox_enter(void) MUST_CHECK;
/* The same for a program that draws text: it may also read the fonts of the system, and no other file (Landlock); what would write is
 * refused (EACCES), since fontconfig tries to renew a cache that is older than the fonts. On a kernel without
 * Landlock it reads none, and text in fonts that a document does not bring along is not drawn. */
enum status sandbox_enter_fonts(void) MUST_CHECK;

#endif
