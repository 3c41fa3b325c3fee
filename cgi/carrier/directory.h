/* Who may call: the connections of our automaker with their passwords, as this process knows them. Looked at again once a second, so
 * that a changed profile or password counts without a restart. */
#ifndef CARRIER_DIRECTORY_H
#define CARRIER_DIRECTORY_H

#include "base/config.h"
#include "db/db.h"
#include "t1/incoming.h"

struct directory;

/* What nginx says of the caller. */
struct directory_peer {
	const char *address;
	const char *issuer; /* of the client certificate that it verified, RFC 2253; "" when none */
};

struct carrier_caller {
	const char *connection_id;
	const char *codes; /* of the automaker's manufacturers, each between blanks */
};

enum directory_answer {
	DIRECTORY_KNOWN,
	DIRECTORY_UNKNOWN, /* no such PlatformID, wrong password, an address that is not on the list, not the client certificate that is
			      wanted */
	DIRECTORY_BROKEN   /* ours: nothing was read yet, no password can be read, or two connections cannot be told apart */
};

struct directory *directory_create(const struct config *config);
void directory_destroy(struct directory *d);

/* Reads again what is older than a second. What cannot be read stays as it was. */
void directory_refresh(struct directory *d, struct db *db);

/* The caller lives until the next refresh. Takes the same time for every SignNature. */
enum directory_answer directory_find(const struct directory *d, const struct t1_incoming *m, const struct directory_peer *peer,
				     struct carrier_caller *out);

/* How many connections there are, -1 before the first reading; for the state of the program. */
int directory_size(const struct directory *d);

#endif
