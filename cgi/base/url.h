/* The https addresses that settings and carrier profiles give. */
#ifndef BASE_URL_H
#define BASE_URL_H

#include "base/arena.h"

#include <stdbool.h>

#define URL_MAX 500

struct url {
	char *authority; /* host as given, with ":port" unless that is 443: what the Host header says */
	char *host;      /* without brackets */
	int port;
	char *path;      /* with the query, at least "/" */
};

/* Visible ASCII, https, a host name, an IPv4 address or an IPv6 address in brackets, no user and no fragment. Strings in the arena.
 * ST_INVALID otherwise; the message never repeats the text. */
enum status url_parse(struct url *out, struct arena *a, const char *text) MUST_CHECK;
/* 127.0.0.0/8 as four decimal numbers, localhost, ::1. */
bool url_is_loopback(const struct url *u);

#endif
