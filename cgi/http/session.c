/* The visit cookie and what is derived from it. Rows of sessions belong to the layers above. */
#include "http/session.h"

#include <string.h>

#include "http/response.h"

#define COOKIE_LIFE_S 86400

static void give_cookie(struct request *r, char *visit)
{
	r->visit = visit;
	response_cookie(r, SESSION_COOKIE, r->visit, COOKIE_LIFE_S);
}

static char *token_under(struct request *r, const struct crypt_key *key)
{
	static const char purpose[] = "csrf"; /* with its NUL */
	unsigned char hash[CRYPT_HASH_SIZE];
	struct buffer b;

	buffer_init(&b, r->arena, 128);
	buffer_add(&b, purpose, sizeof(purpose));
	buffer_text(&b, r->visit);
	crypt_hmac_sha256(hash, key->key, sizeof(key->key), b.data, b.length);
	return base64url_encode(r->arena, hash, sizeof(hash));
}

void session_visit(struct request *r)
{
	if (!r->visit) {
		give_cookie(r, crypt_token(r->arena));
		view_flag(request_view(r), "Page.no_cookies", text_equal(request_query(r, "again"), "2")); /* it was given with that address */
	}
	view_set(request_view(r), "Page.csrf", session_csrf(r));
}

const char *session_csrf(struct request *r)
{
	return r->visit ? token_under(r, keys_current(&r->site->keys->code)) : "";
}

bool session_csrf_valid(struct request *r, const char *token)
{
	const struct key_ring *ring = &r->site->keys->code;

	if (!r->visit || !token)
		return false;
	for (int i = 0; i < ring->count; i++) { /* pages made before a change of keys stay usable */
		const char *right = token_under(r, &ring->keys[i]);
		if (strlen(token) == strlen(right) && crypt_equal(token, right, strlen(right)))
			return true;
	}
	return false;
}

struct bytes session_hash(struct request *r)
{
	if (!r->visit)
		return (struct bytes){NULL, 0};
	return crypt_lookup(r->arena, keys_current(&r->site->keys->lookup), "session", r->visit);
}

static void renew(struct request *r, char *visit)
{
	give_cookie(r, visit);
	if (r->view)
		view_set(r->view, "Page.csrf", session_csrf(r));
}

void session_renew(struct request *r)
{
	renew(r, crypt_token(r->arena));
}

static char *visit_after(struct request *r, const char *what)
{
	struct bytes id = crypt_lookup(r->arena, keys_current(&r->site->keys->code), "visit", arena_printf(r->arena, "%s|%s", r->visit, what));

	return base64url_encode(r->arena, id.data, id.length);
}

void session_renew_after(struct request *r, const char *what)
{
	renew(r, visit_after(r, what));
}

struct bytes session_hash_after(struct request *r, const char *what)
{
	return crypt_lookup(r->arena, keys_current(&r->site->keys->lookup), "session", visit_after(r, what));
}
