/* Files to a carrier's server by SFTP (libcurl): one session that many files use, logged in by key, to a server whose key is known
 * beforehand. Every call blocks, at most about stall_ms without progress; libcurl is known to hang here and there all the same, so the
 * caller has a clock of its own (jobs/courier.c). */
#ifndef PROVIDERS_SFTP_H
#define PROVIDERS_SFTP_H

#include <stdint.h>

#include "base/arena.h"
#include "base/status.h"
#include "base/text.h"

enum sftp_result {
	SFTP_OK,
	SFTP_NO_CONNECTION, /* nobody there, or no session came about */
	SFTP_HOST_KEY,      /* somebody else is there: nothing was sent */
	SFTP_LOGIN,         /* our user or key is refused */
	SFTP_DENIED,        /* the account may not do this here */
	SFTP_FULL,          /* no room, or the quota is used up */
	SFTP_REFUSED,       /* the server did not do it */
	SFTP_CUT,           /* no usable answer: time-out, cut connection, broken protocol */
	SFTP_STOPPED,       /* alive said no */
	SFTP_RESULT_MAX
};
const char *sftp_result_name(enum sftp_result r);

struct sftp_target {
	const char *host, *user;
	int port;
	const char *key_file;        /* path of the private key */
	const char *passphrase;      /* NULL: none */
	const char *host_key_sha256; /* base64 */
	int connect_ms;              /* for connection, handshake and login together */
	int stall_ms;
	bool (*alive)(void *context, bool moved); /* called about once a second, with moved when bytes went out since; false: stop */
	void *context;
};

/* Nothing is opened yet. Ends with the arena at the latest; texts are borrowed. */
struct sftp *sftp_create(struct arena *a, const struct sftp_target *target);
/* A session, if there is none. */
enum sftp_result sftp_connect(struct sftp *s);
/* *size is -1 when there is no such file. Paths are absolute, of letters, digits, "_-." and '/'. */
enum sftp_result sftp_stat(struct sftp *s, const char *path, int64_t *size);
/* From its first byte, over whatever is there; folders that are missing are made. Whether it arrived whole, sftp_stat tells. */
enum sftp_result sftp_upload(struct sftp *s, const char *path, struct bytes content);
/* Fails when there is something under the new name already, with most servers. */
enum sftp_result sftp_rename(struct sftp *s, const char *from, const char *to);
/* SFTP_OK too when it is not there. */
enum sftp_result sftp_remove(struct sftp *s, const char *path);
/* What libcurl said of the last call that failed, one line. */
const char *sftp_error(const struct sftp *s);
/* Ends the session and gives everything back; s is gone. */
void sftp_close(struct sftp *s);

#endif
