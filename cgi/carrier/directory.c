/* The connections and what their callers have to prove. Signatures are kept, not passwords. */
#include "carrier/directory.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/crypt.h"
#include "base/file.h"
#include "base/log.h"
#include "base/x509.h"
#include "store/instruction.h"
#include "t1/profile.h"
#include "t1/wire.h"

#define REFRESH_MS 1000
#define STAMP_MAX ((size_t)16 * 1024 * 1024)

struct connection {
	const char *id, *platform_id, *codes;
	struct t1_profile profile;
	const char *secrets[2]; /* names of the password in use and of the next one; NULL: none */
	unsigned char signature[2][T1_SIGNATURE_SIZE];
	int signatures;
	const char *issuer; /* of the client certificates; NULL: none are wanted */
};

/* One reading of everything. */
struct reading {
	struct arena *arena;
	struct connection *connections;
	int count;
	struct buffer stamp; /* all that it was made from; of files their versions */
};

struct directory {
	const struct config *config;
	struct reading now; /* without an arena before the first reading */
	int64_t looked_at;
};

struct directory *directory_create(const struct config *config)
{
	struct directory *d = calloc(1, sizeof *d);

	if (!d)
		abort();
	d->config = config;
	return d;
}

void directory_destroy(struct directory *d)
{
	if (!d)
		return;
	arena_destroy(d->now.arena);
	free(d);
}

/* Rows to connections, without opening a file. A profile that cannot be read leaves a connection that nobody can call. */
static void read_rows(struct reading *r, const struct config *config, const struct db_result *rows)
{
	r->count = db_rows(rows);
	r->connections = arena_alloc(r->arena, ((size_t)r->count + 1) * sizeof *r->connections);
	for (int i = 0; i < r->count; i++) {
		struct connection *c = &r->connections[i];
		const char *profile = db_text(rows, i, "profile");

		c->id = db_text(rows, i, "id");
		c->platform_id = db_text(rows, i, "platform_id");
		c->codes = db_text(rows, i, "codes");
		buffer_printf(&r->stamp, "%s\n%s\n%s\n%s\n", c->id, c->platform_id, c->codes ? c->codes : "", profile);
		if (t1_profile_parse(&c->profile, r->arena, profile) != ST_OK)
			continue;
		c->secrets[0] = c->profile.instruction_password_secret;
		c->secrets[1] = c->profile.instruction_password_secret_next;
		for (int s = 0; s < 2; s++)
			if (c->secrets[s])
				buffer_printf(&r->stamp, "%s\n", config_secret_version(r->arena, config, c->secrets[s]));
		if (c->profile.instruction_client_ca)
			buffer_printf(&r->stamp, "%s\n", file_version(r->arena, c->profile.instruction_client_ca));
	}
}

static void open_passwords(struct reading *r, const struct config *config, struct connection *c)
{
	for (int s = 0; s < 2; s++) {
		struct bytes signature;
		char *password;
		enum status st;

		if (!c->secrets[s])
			continue;
		st = config_secret(r->arena, config, c->secrets[s], &password);
		if (st == ST_OK && text_empty(password))
			st = status_fail(ST_INVALID, "it is empty");
		if (st == ST_OK)
			st = hex_decode(r->arena, t1_sign(r->arena, c->platform_id, password, true), &signature);
		if (st == ST_OK) {
			memcpy(c->signature[c->signatures++], signature.data, T1_SIGNATURE_SIZE);
			crypt_wipe(password, strlen(password));
		} else if (s == 0 || st != ST_NOT_FOUND) { /* the next one may be gone: the rotation is over */
			log_alarm("directory", "connection=%s the password %s cannot be read: %s", c->id, c->secrets[s], status_message());
		}
	}
}

/* What stands in files. Of what cannot be read nothing is trusted: its callers are told to come again. */
static void open_files(struct reading *r, const struct config *config)
{
	for (int i = 0; i < r->count; i++) {
		struct connection *c = &r->connections[i];
		char *issuer;

		if (!c->secrets[0]) {
			log_alarm("directory", "connection=%s the profile cannot be read", c->id);
			continue;
		}
		open_passwords(r, config, c);
		if (!c->profile.instruction_client_ca)
			continue;
		if (x509_subject(r->arena, c->profile.instruction_client_ca, &issuer) == ST_OK) {
			c->issuer = issuer;
			continue;
		}
		log_alarm("directory", "connection=%s the CA of its client certificates cannot be read: %s", c->id, status_message());
		c->signatures = 0;
	}
}

void directory_refresh(struct directory *d, struct db *db)
{
	int64_t now = clock_monotonic_ms();
	struct reading next = {0};
	struct db_result *rows;

	if (d->looked_at && now - d->looked_at < REFRESH_MS)
		return;
	d->looked_at = now;
	next.arena = arena_create();
	buffer_init(&next.stamp, next.arena, STAMP_MAX);
	if (db_ready(db) != ST_OK || instruction_connections(db, next.arena, d->config->automaker, &rows) != ST_OK) {
		log_warn("directory", "message=\"%s\"", status_message());
		goto out;
	}
	read_rows(&next, d->config, rows);
	if (d->now.arena && !next.stamp.overflow && next.stamp.length == d->now.stamp.length &&
	    (!next.stamp.length || memcmp(next.stamp.data, d->now.stamp.data, next.stamp.length) == 0))
		goto out;
	open_files(&next, d->config);
	log_info("directory", "connections=%d", next.count);
	arena_destroy(d->now.arena);
	d->now = next;
	return;
out:
	arena_destroy(next.arena);
}

static bool allowed(const struct connection *c, const struct directory_peer *peer)
{
	return t1_profile_address_allowed(&c->profile, peer->address) && (!c->issuer || text_equal(c->issuer, peer->issuer));
}

enum directory_answer directory_find(const struct directory *d, const struct t1_incoming *m, const struct directory_peer *peer,
				     struct carrier_caller *out)
{
	const struct connection *found = NULL;
	int unreadable = 0, matches = 0;

	if (!d->now.arena)
		return DIRECTORY_BROKEN;
	/* Carriers hand out PlatformIDs, so two may have handed out the same; the password tells. Nothing ends early. */
	for (int i = 0; i < d->now.count; i++) {
		const struct connection *c = &d->now.connections[i];
		bool right = false;

		if (strcmp(c->platform_id, m->platform_id) != 0)
			continue;
		unreadable += c->signatures == 0;
		for (int s = 0; s < c->signatures; s++)
			right |= crypt_equal(c->signature[s], m->signature, T1_SIGNATURE_SIZE);
		if (right && m->signature_hex) {
			matches++;
			found = c;
		}
	}
	if (matches > 1 || (!found && unreadable))
		return DIRECTORY_BROKEN;
	if (!found || !allowed(found, peer))
		return DIRECTORY_UNKNOWN;
	*out = (struct carrier_caller){found->id, found->codes ? found->codes : ""};
	return DIRECTORY_KNOWN;
}

int directory_size(const struct directory *d)
{
	return d->now.arena ? d->now.count : -1;
}
