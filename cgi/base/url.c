/* Reading https addresses; judging and writing paths. Knows nothing of connections. */
#include "base/url.h"

#include <arpa/inet.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"

static const char host_letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-";
static const char address_letters[] = "0123456789abcdefABCDEF:.";

static bool read_port(const char *text, size_t length, int *port)
{
	int n = 0;
	if (length == 0 || length > 5)
		return false;
	for (size_t i = 0; i < length; i++) {
		if (text[i] < '0' || text[i] > '9')
			return false;
		n = n * 10 + (text[i] - '0');
	}
	*port = n;
	return n >= 1 && n <= 65535;
}

enum status url_parse(struct url *out, struct arena *a, const char *text)
{
	struct url u = {.port = 443};
	if (!text || strlen(text) > URL_MAX || strncasecmp(text, "https://", 8) != 0)
		return status_fail(ST_INVALID, "an address must begin with https:// and be short");
	for (const char *c = text; *c; c++)
		if (*c <= ' ' || *c > '~' || *c == '#' || *c == '\\' || *c == '@')
			return status_fail(ST_INVALID, "an address holds a character that it may not");
	const char *authority = text + 8, *rest = authority + strcspn(authority, "/?");
	bool bracket = *authority == '[';
	const char *host = authority + bracket;
	size_t length = strspn(host, bracket ? address_letters : host_letters);
	const char *behind = host + length;
	if (length == 0 || length > 253 || (bracket && *behind++ != ']'))
		return status_fail(ST_INVALID, "an address has no host that can be read");
	const char *host_end = behind;
	if (*behind == ':') {
		if (!read_port(behind + 1, (size_t)(rest - behind - 1), &u.port))
			return status_fail(ST_INVALID, "an address has a port that cannot be");
	} else if (behind != rest)
		return status_fail(ST_INVALID, "an address has no host that can be read");
	u.host = arena_strndup(a, host, length);
	u.authority = arena_strndup(a, authority, (size_t)(host_end - authority));
	if (u.port != 443)
		u.authority = arena_printf(a, "%s:%d", u.authority, u.port);
	u.path = arena_printf(a, "%s%s", *rest == '/' ? "" : "/", rest);
	*out = u;
	return ST_OK;
}

bool url_is_loopback(const struct url *u)
{
	struct in_addr v4;
	struct in6_addr v6;
	if (strcasecmp(u->host, "localhost") == 0)
		return true;
	if (inet_pton(AF_INET, u->host, &v4) == 1)
		return ntohl(v4.s_addr) >> 24 == 127;
	return inet_pton(AF_INET6, u->host, &v6) == 1 && memcmp(&v6, &in6addr_loopback, sizeof v6) == 0;
}

bool url_path_is_own(const char *path)
{
	if (path[0] != '/' || path[1] == '/' || strlen(path) > URL_PATH_MAX)
		return false;
	for (const unsigned char *p = (const unsigned char *)path; *p; p++)
		if (*p <= 0x20 || *p >= 0x7f || *p == '\\')
			return false;
	return true;
}

char *url_escape(struct arena *a, const char *text)
{
	struct buffer b;

	buffer_init(&b, a, 3 * strlen(text) + 1);
	for (const unsigned char *p = (const unsigned char *)text; *p; p++) {
		bool plain = (*p >= '0' && *p <= '9') || (*p >= 'A' && *p <= 'Z') || (*p >= 'a' && *p <= 'z') || strchr("/-._~", *p);

		buffer_printf(&b, plain ? "%c" : "%%%02X", *p);
	}
	return b.data;
}
