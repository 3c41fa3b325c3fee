/* Visits and sessions. The cookie __Host-sid holds 256 random bits; the database knows only its keyed hash. A visitor gets the
 * cookie with the first page that has a form; the row comes with the first answer that is kept. The CSRF token is a keyed hash of
 * the cookie, so it needs no row. The id is changed whenever rights grow (a draft begins, a phone is proved). */
#ifndef HTTP_SESSION_H
#define HTTP_SESSION_H

#include "http/request.h"

#define SESSION_COOKIE "__Host-sid"

/* Makes sure that the visitor has a cookie (sets one with this answer) and puts Page.csrf into the dataset. */
void session_visit(struct request *r);
/* The token for this visit, "" without a cookie. */
const char *session_csrf(struct request *r);
bool session_csrf_valid(struct request *r, const char *token);
/* The keyed hash of the cookie, {NULL,0} without one: the key of the session row. */
struct bytes session_hash(struct request *r);
/* A new cookie; the caller moves or makes the session row under the new hash (session_hash gives it from now on). */
void session_renew(struct request *r);
/* The same, with an id that follows from the old one and from what was done (what: its row's id) under a key: who does it once more, since
 * the answer was lost, gets the same one. session_hash_after: the hash that it would have. */
void session_renew_after(struct request *r, const char *what);
struct bytes session_hash_after(struct request *r, const char *what);

#endif
