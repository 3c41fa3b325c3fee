/* The session of a courier: its slot, its clock, its end. Knows nothing of what is sent. */
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "image/page.h"
#include "jobs/crash.h"
#include "jobs/courier.h"
#include "store/sftp_slot.h"

#define GRACE_S 1
#define TELL_MS 60000

static const struct {
	enum lane_report report;
	bool fatal;         /* the session is over */
	const char *remedy; /* people must act; NULL: it may go by by itself */
} meanings[SFTP_RESULT_MAX] = {
	[SFTP_OK] = {LANE_OK, false, NULL},
	[SFTP_NO_CONNECTION] = {LANE_NO_CONNECTION, true, NULL},
	[SFTP_HOST_KEY] =
		{LANE_NO_CONNECTION, true,
		 "the server shows another key than the profile: ask the carrier; nothing is sent until sftp.host_key_sha256 is right"},
	[SFTP_LOGIN] = {LANE_NO_CONNECTION, true, "the server refuses our user or key: check sftp.user and the key with the carrier"},
	[SFTP_DENIED] = {LANE_FAILED, false,
			 "the account may not do this: the carrier has to give it the right to make folders, write, read and rename below "
			 "sftp.folder"},
	[SFTP_FULL] = {LANE_FAILED, false, "the server has no room: the carrier has to make some or raise the quota"},
	[SFTP_REFUSED] = {LANE_FAILED, false, "the server did not do it: the log has its words"},
	[SFTP_CUT] = {LANE_FAILED, true, NULL},
	[SFTP_STOPPED] = {LANE_FAILED, true, NULL},
};

enum lane_report courier_report(enum sftp_result r)
{
	return meanings[r].report;
}

bool courier_fatal(enum sftp_result r)
{
	return meanings[r].fatal;
}

void courier_tell(struct courier *c, enum sftp_result r, const char *what)
{
	int64_t now = clock_monotonic_ms();
	log_warn("sftp", "connection=%s %s: %s: %s", c->connection_id, what, sftp_result_name(r), sftp_error(c->sftp));
	if (!meanings[r].remedy || (c->told_at[r] && now < c->told_at[r] + TELL_MS))
		return;
	c->told_at[r] = now;
	log_alarm("sftp", "connection=%s destination=%s %s", c->connection_id, c->destination, meanings[r].remedy);
}

/* ---- the clock ---- */

void courier_wind(const struct courier *c)
{
	alarm((unsigned)c->w->config->sftp_stall_s);
}

void courier_unwind(void)
{
	alarm(0);
}

enum status courier_keep(struct courier *c)
{
	int64_t now = clock_monotonic_ms();
	enum status st = ST_OK;
	if (now - c->kept_at >= (int64_t)c->w->config->sftp_stall_s * 1000 / 3) {
		const int hold = COURIER_HOLD(c->w->config);
		st = c->slot ? sftp_slot_keep(c->w->db, c->file_a, c->destination, c->slot, c->w->id, hold) : ST_OK;
		if (st == ST_OK && c->current)
			st = queue_renew(c->w->db, c->file_a, c->current, hold);
		if (st == ST_OK)
			c->kept_at = now;
	}
	if (st == ST_OK)
		courier_wind(c);
	return st;
}

/* The other end of the database's connection has not gone away. */
static bool database_there(const struct courier *c)
{
	char byte;
	int fd = db_socket(c->w->db);
	return fd >= 0 && recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) != 0;
}

/* Without the database the slot cannot be kept, and soon it is another's: the session ends at once. */
static bool session_alive(void *context, bool moved)
{
	struct courier *c = context;
	if (!database_there(c))
		return false;
	if (!moved)
		return true;
	crash_point(CRASH_SFTP_MID_UPLOAD);
	return courier_keep(c) == ST_OK;
}

/* ---- beginning and end ---- */

static enum status load_profile(struct courier *c, const char *connection_id, bool *known)
{
	struct db_result *r;
	struct t1_profile profile;
	enum status st =
		db_query(c->w->db, c->session_a, &r, "SELECT profile FROM carrier_connection WHERE id = $1", DB_TEXT(connection_id));
	*known = st == ST_OK && db_rows(r) == 1;
	if (!*known)
		return st;
	st = t1_profile_parse(&profile, c->session_a, db_text(r, 0, "profile"));
	if (st == ST_OK && !profile.sftp.host)
		st = status_fail(ST_INVALID, "its profile has no member sftp");
	if (st == ST_OK)
		c->sftp_profile = profile.sftp;
	return st;
}

/* libcurl gives up before the clock does, if it can. A handshake is several round trips and costly for the server. */
static int connect_ms(const struct config *config)
{
	int most = config->sftp_stall_s * 800, wanted = config->outbound_connect_ms + config->sftp_stall_s * 500;
	return wanted < most ? wanted : most;
}

/* Everything that a session needs but the other side; ST_INVALID, ST_NOT_FOUND: people have to mend it. */
static enum status make_ready(struct courier *c, const char *connection_id, struct sftp_target *target)
{
	const struct config *config = c->w->config;
	const struct t1_sftp *p = &c->sftp_profile;
	char *hex, *passphrase = NULL;
	struct bytes key;
	bool known;
	enum status st = load_profile(c, connection_id, &known);
	if (st == ST_OK && !known)
		st = status_fail(ST_NOT_FOUND, "there is no such connection");
	if (st == ST_OK)
		st = config_secret(c->session_a, config, p->bin_key_secret, &hex);
	if (st == ST_OK)
		st = t1_profile_cipher_key(c->session_a, hex, &key);
	if (st == ST_OK && p->key_passphrase_secret)
		st = config_secret(c->session_a, config, p->key_passphrase_secret, &passphrase);
	if (st != ST_OK)
		return st;
	memcpy(c->bin_key, key.data, sizeof(c->bin_key));
	*target = (struct sftp_target){
		.host = p->host,
		.port = p->port,
		.user = p->user,
		.key_file = arena_printf(c->session_a, "%s/%s", config->secrets_dir, p->key_secret),
		.passphrase = passphrase,
		.host_key_sha256 = p->host_key_sha256,
		.connect_ms = connect_ms(config),
		.stall_ms = config->sftp_stall_s * 500,
		.alive = session_alive,
		.context = c,
	};
	if (access(target->key_file, R_OK) != 0)
		return status_fail(ST_NOT_FOUND, "the key %s cannot be read", p->key_secret);
	if (!page_font_works(config->delivery_font))
		return status_fail(ST_INVALID, "no font of delivery_font has Chinese characters");
	snprintf(c->destination, sizeof(c->destination), "%s:%d", p->host, p->port);
	return ST_OK;
}

static enum status give_slot(struct courier *c, int grace_s)
{
	enum status st = sftp_slot_give(c->w->db, c->w->a, c->destination, c->slot, c->w->id, grace_s);
	if (st == ST_OK)
		c->slot = 0;
	return st;
}

enum status courier_give_slot(struct courier *c)
{
	if (!c->slot || c->sftp)
		return ST_OK;
	return give_slot(c, c->slot_broken ? COURIER_HOLD(c->w->config) : GRACE_S);
}

enum status courier_rests(struct courier *c, bool resting)
{
	if (!c->slot || !c->sftp || c->resting == resting)
		return ST_OK;
	c->resting = resting;
	return sftp_slot_rests(c->w->db, c->w->a, c->destination, c->slot, c->w->id, resting);
}

static enum status connect_session(struct courier *c, const char *lane, const struct sftp_target *target, bool sweeping, bool *open)
{
	struct worker *w = c->w;
	enum status st = sftp_slot_take(w->db, w->a, c->destination, w->id, COURIER_HOLD(w->config), &c->slot);
	if (st != ST_OK || !c->slot)
		return st;
	bool needed = true;
	st = sweeping ? ST_OK : sftp_slot_needed(w->db, w->a, c->destination, c->slot, lane, &needed);
	c->slot_broken = false;
	c->resting = true;
	if (st != ST_OK || !needed)
		return st == ST_OK ? give_slot(c, 0) : st;
	c->opened_at = c->used_at = c->kept_at = clock_monotonic_ms();
	c->sftp = sftp_create(c->session_a, target);
	lane_began(w->lanes, lane, 1, 0);
	courier_wind(c);
	enum sftp_result r = sftp_connect(c->sftp);
	lane_report(w->lanes, lane, courier_report(r));
	*open = r == SFTP_OK;
	if (*open)
		return ST_OK;
	courier_tell(c, r, "no session");
	courier_close(c, false);
	return courier_give_slot(c);
}

enum status courier_open(struct courier *c, const char *lane, bool sweeping, bool *open)
{
	struct sftp_target target;
	const char *colon = strchr(lane, ':'), *connection_id = colon ? colon + 1 : "";
	*open = false;
	enum status st = courier_give_slot(c);
	if (st != ST_OK)
		return st;
	arena_reset(c->session_a);
	snprintf(c->connection_id, sizeof(c->connection_id), "%s", connection_id);
	st = make_ready(c, connection_id, &target);
	if (st == ST_INVALID || st == ST_NOT_FOUND) {
		log_alarm("sftp", "connection=%s nothing can be delivered: %s", connection_id, status_message());
		lane_began(c->w->lanes, lane, 1, 0);
		lane_report(c->w->lanes, lane, LANE_NO_CONNECTION);
		return ST_OK;
	}
	return st == ST_OK ? connect_session(c, lane, &target, sweeping, open) : st;
}

void courier_close(struct courier *c, bool broken)
{
	if (!c->sftp)
		return;
	courier_wind(c);
	sftp_close(c->sftp);
	courier_unwind();
	c->sftp = NULL;
	c->slot_broken = broken;
	c->broken += broken;
	crypt_wipe(c->bin_key, sizeof(c->bin_key));
}
