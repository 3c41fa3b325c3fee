/* The https addresses that settings and carrier profiles give, and paths of this site. */
#ifndef BASE_URL_H
#define BASE_URL_H

#include "base/arena.h"

#include <stdbool.h>

#define URL_MAX 500
#define URL_PATH_MAX 2048

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

/* What a browser may be sent on to: a path of this site, with or without a query, as it stands in a header. It begins with exactly one
 * slash, is visible ASCII without a backslash (browsers read it as a slash) and has at most URL_PATH_MAX bytes. */
bool url_path_is_own(const char *path);
/* Everything but letters, digits and "/-._~" as %XX: a decoded path, or a value of a query. Arena. */
char *url_escape(struct arena *a, const char *text);

#endif
