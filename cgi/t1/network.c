/* Ranges of internet addresses. */
#include "t1/network.h"

#include <arpa/inet.h>
#include <string.h>

/* An address as 16 bytes; bits is how many it has by itself. */
static bool read_address(struct t1_network *out, const char *text)
{
	static const unsigned char mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
	memcpy(out->bytes, mapped, sizeof(mapped));
	if (inet_pton(AF_INET, text, out->bytes + 12) == 1) {
		out->bits = 32;
		return true;
	}
	out->bits = 128;
	return inet_pton(AF_INET6, text, out->bytes) == 1;
}

/* 0 to max in at most three digits, -1 for anything else. */
static int read_bits(const char *text, int max)
{
	int bits = 0;
	size_t n = strspn(text, "0123456789");
	if (n == 0 || n > 3 || text[n])
		return -1;
	for (; *text; text++)
		bits = bits * 10 + (*text - '0');
	return bits <= max ? bits : -1;
}

bool t1_network_read(struct t1_network *out, const char *text)
{
	char address[INET6_ADDRSTRLEN];
	size_t length = text ? strcspn(text, "/") : 0;
	if (length == 0 || length >= sizeof(address))
		return false;
	memcpy(address, text, length);
	address[length] = '\0';
	if (!read_address(out, address))
		return false;
	int own = out->bits, bits = text[length] ? read_bits(text + length + 1, own) : own;
	out->bits = 128 - own + bits;
	return bits >= 0;
}

bool t1_network_holds(const struct t1_network *n, const char *address)
{
	struct t1_network from;
	size_t whole = (size_t)n->bits / 8, rest = (size_t)n->bits % 8;
	if (!address || !read_address(&from, address) || memcmp(n->bytes, from.bytes, whole) != 0)
		return false;
	return rest == 0 || ((n->bytes[whole] ^ from.bytes[whole]) >> (8 - rest)) == 0;
}
