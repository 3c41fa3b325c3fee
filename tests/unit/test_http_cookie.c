/* Cookies, the visit cookie and the CSRF token. */
#include "test.h"

#include "http/request_io.h"
#include "http/response.h"
#include "http/session.h"

#define VISIT "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA-_9"

static struct arena *arena;
static struct keys keys;
static const struct site site = {.keys = &keys};

static void begin(struct request *r, const char *cookie)
{
	const struct request_memory m = {.method = "GET", .target = "/", .cookie = cookie};
	CHECK(request_begin_memory(r, arena, &site, &m) == ST_OK);
}

static void test_cookie__find(void)
{
	CHECK_TEXT(cookie_find(arena, "a=1; b=2;c=3", "b"), "2");
	CHECK_TEXT(cookie_find(arena, "a=1; b=2;c=3 ", "c"), "3");
	CHECK_TEXT(cookie_find(arena, "b=1; b=2", "b"), "1");
	CHECK_TEXT(cookie_find(arena, "b=; c", "b"), "");
	CHECK_TEXT(cookie_find(arena, ";; ;b=x=y", "b"), "x=y");
	CHECK(cookie_find(arena, "xb=1; bb=2; b", "b") == NULL);
	CHECK(cookie_find(arena, "", "b") == NULL);
	CHECK(cookie_find(arena, "a=b=1", "b") == NULL);
}

static void test_cookie__only_a_right_visit_counts(void)
{
	static const char *const wrong[] = {
		"__Host-sid=", "__Host-sid=short", "__Host-sid=" VISIT "x", "__Host-sid=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA+/9",
		"sid=" VISIT, "__host-sid=" VISIT, "__Host-sid=\"" VISIT "\"",
	};
	struct request r;

	begin(&r, "a=b; __Host-sid=" VISIT "; c=d");
	CHECK_TEXT(r.visit, VISIT);
	CHECK(session_hash(&r).length == CRYPT_HASH_SIZE);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		begin(&r, wrong[i]);
		CHECK(r.visit == NULL);
		CHECK(session_hash(&r).data == NULL);
		CHECK_TEXT(session_csrf(&r), "");
		CHECK(!session_csrf_valid(&r, ""));
	}
}

static void test_cookie__csrf(void)
{
	struct request r;
	const char *token;

	begin(&r, "__Host-sid=" VISIT);
	token = session_csrf(&r);
	CHECK(strlen(token) == 43);
	CHECK(session_csrf_valid(&r, token));
	CHECK(!session_csrf_valid(&r, NULL));
	CHECK(!session_csrf_valid(&r, ""));
	CHECK(!session_csrf_valid(&r, VISIT));
	session_renew(&r);
	CHECK(!session_csrf_valid(&r, token));
	CHECK(session_csrf_valid(&r, session_csrf(&r)));
}

static void test_cookie__csrf_survives_a_change_of_keys(void)
{
	struct request r;
	const char *token;
	struct crypt_key old = keys.code.keys[0];

	begin(&r, "__Host-sid=" VISIT);
	token = session_csrf(&r);
	keys.code.keys[0] = keys.code.keys[1];
	keys.code.keys[1] = old;
	CHECK(strcmp(session_csrf(&r), token) != 0);
	CHECK(session_csrf_valid(&r, token));
	keys.code.count = 1;
	CHECK(!session_csrf_valid(&r, token));
	keys.code.count = 2;
}

static void test_cookie__set_once(void)
{
	struct request r;
	const char *first;

	begin(&r, NULL);
	session_renew(&r);
	first = strstr(r.headers.data, "Set-Cookie: __Host-sid=");
	CHECK(first && strstr(first, "; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=86400\r\n"));
	response_cookie(&r, "other", "1", 0);
	session_renew(&r);
	first = strstr(r.headers.data, "Set-Cookie: __Host-sid=");
	CHECK(first && strncmp(first + 23, r.visit, 43) == 0);
	CHECK(first && !strstr(first + 1, "Set-Cookie: __Host-sid="));
	CHECK(strstr(r.headers.data, "Set-Cookie: other=1;"));
}

int main(void)
{
	arena = arena_create();
	keys.code.count = 2;
	keys.lookup.count = 1;
	memset(keys.code.keys[1].key, 7, sizeof(keys.code.keys[1].key));
	RUN(test_cookie__find);
	RUN(test_cookie__only_a_right_visit_counts);
	RUN(test_cookie__csrf);
	RUN(test_cookie__csrf_survives_a_change_of_keys);
	RUN(test_cookie__set_once);
	arena_destroy(arena);
	return test_failures;
}
