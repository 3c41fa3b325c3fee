/* What an address is counted under. */
#include "test.h"

#include "store/limits.h"

static void test_limits__network(void)
{
	struct arena *a = arena_create();

	CHECK_TEXT(limit_network(a, "192.0.2.1"), "192.0.2.1");
	CHECK_TEXT(limit_network(a, "2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
	CHECK_TEXT(limit_network(a, "2001:DB8:1:2::ffff"), "2001:db8:1:2::/64");
	CHECK_TEXT(limit_network(a, "2001:db8:1:3::1"), "2001:db8:1:3::/64");
	CHECK_TEXT(limit_network(a, "::1"), "::/64");
	CHECK_TEXT(limit_network(a, "::ffff:192.0.2.1"), "192.0.2.1");
	CHECK_TEXT(limit_network(a, "unix:"), "unix:");
	CHECK_TEXT(limit_network(a, ""), "");
	arena_destroy(a);
}

int main(void)
{
	RUN(test_limits__network);
	return test_failures;
}
