/* Ranges of internet addresses. Pure. */
#ifndef T1_NETWORK_H
#define T1_NETWORK_H

#include <stdbool.h>

struct t1_network {
	unsigned char bytes[16]; /* an IPv4 address as ::ffff:a.b.c.d */
	int bits;                /* of bytes, 0 to 128 */
};

/* "192.0.2.0/24", "2001:db8::/32", or one address. False when it is none of these. */
bool t1_network_read(struct t1_network *out, const char *text);
/* Whether address, IPv4 or IPv6 as text, lies in it. False for anything else. */
bool t1_network_holds(const struct t1_network *n, const char *address);

#endif
