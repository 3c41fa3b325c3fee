/* The way of one file: look, build, upload under the temporary name, rename. Each step leaves what the next attempt can tell apart:
 *   nothing under the final name   it is sent from its first byte, over whatever is under the temporary name
 *   the final name, our size       delivered, if the row says that the upload was whole: only then a rename can have been asked for
 *   the final name, anything else  somebody else's: an alarm, never overwritten
 * Knows nothing of sessions and slots but their results. */
#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "jobs/courier.h"
#include "jobs/crash.h"
#include "jobs/job.h"

#define FIRST_S 5
#define CAP_S 600
#define ALARM_ATTEMPTS 5
#define NAME_MAX_BYTES 500

struct delivery {
	struct courier *c;
	const struct job *job;
	struct t1_file f;
	const char *final, *tmp;
	enum sftp_result session; /* what ended it */
	enum lane_report report;
	bool called;
	bool settled; /* the job is */
};

/* ---- the ends ---- */

static enum status finish(struct delivery *d)
{
	struct courier *c = d->c;
	enum status st = t1_file_done(c->w->db, c->file_a, &job_actor, d->job, &d->f);
	d->settled = true;
	if (st == ST_OK)
		log_info("sftp", "file=%s source=%s size=%" PRId64 " attempt=%d delivered", d->f.id, d->f.source, d->f.size,
			 d->job->attempts);
	return st;
}

static enum status give_up(struct delivery *d, const char *cause, const char *why)
{
	log_alarm("sftp", "file=%s source=%s cannot be delivered: %s (%s): %s", d->f.id, d->f.source, queue_cause(cause)->meaning, why,
		  queue_cause(cause)->remedy);
	d->settled = true;
	return t1_file_failed(d->c->w->db, d->c->file_a, d->job, cause, why);
}

/* Later. What is wrong with the whole destination uses nothing up. */
static enum status again(struct delivery *d, const char *why, bool uncount)
{
	const struct job_delay delay = {.first_s = FIRST_S, .cap_s = CAP_S, .attempts = d->job->attempts};
	d->settled = true;
	if (!uncount && d->job->attempts >= ALARM_ATTEMPTS)
		log_alarm("sftp", "file=%s source=%s not delivered after %d attempts: %s", d->f.id, d->f.source, d->job->attempts, why);
	return queue_retry(d->c->w->db, d->c->file_a, d->job, uncount ? 0 : job_delay_s(d->c->w->config, &delay), why, uncount);
}

/* A call that did not do what it should. */
static enum status trouble(struct delivery *d, enum sftp_result r, const char *what)
{
	bool stranger = r == SFTP_HOST_KEY || r == SFTP_LOGIN || r == SFTP_NO_CONNECTION || r == SFTP_STOPPED;
	d->report = courier_report(r);
	if (courier_fatal(r))
		d->session = r;
	courier_tell(d->c, r, arena_printf(d->c->file_a, "file=%s %s", d->f.id, what));
	if (r == SFTP_STOPPED) /* the database is away, or the job another's: there is nothing to write */
		return status_fail(ST_UNAVAILABLE, "the delivery was stopped: the database is away or the slot was lost");
	return again(d, arena_printf(d->c->file_a, "%s: %s", what, sftp_result_name(r)), stranger);
}

static enum status conflict(struct delivery *d, int64_t size)
{
	return give_up(d, "file_conflict",
		       arena_printf(d->c->file_a, "%s has %" PRId64 " bytes, state of ours: %s", d->f.name, size, d->f.state));
}

/* ---- names ---- */

/* Settled when the file is first prepared; a profile that changes later changes nothing. */
static enum status make_names(struct delivery *d, bool *usable)
{
	struct arena *a = d->c->file_a;
	struct t1_file *f = &d->f;
	const struct t1_sftp *p = &d->c->sftp_profile;
	if (!f->name) {
		const struct t1_hole folder_holes[] = {{"{PlatformID}", f->platform_id},
						       {"{yyyyMMdd}", clock_day(a, f->created_at)},
						       {"{RequestID}", f->request_id},
						       {"{Code}", f->code},
						       {NULL, NULL}};
		const struct t1_hole name_holes[] = {
			{"{RequestID}", f->request_id}, {"{Code}", f->code}, {"{ICCID}", f->iccid}, {NULL, NULL}};
		f->folder = t1_template(a, p->folder, folder_holes);
		f->name = t1_template(a, text_equal(f->source, "HT") ? p->ht_name : p->kh_name, name_holes);
	}
	size_t length = strlen(f->folder);
	if (length == 0 || f->folder[length - 1] != '/')
		f->folder = arena_printf(a, "%s/", f->folder);
	d->final = arena_printf(a, "%s%s.bin", f->folder, f->name);
	d->tmp = arena_printf(a, "%s.tmp", d->final);
	*usable = f->folder[0] == '/' && !strstr(d->final, "..") && !text_empty(f->name) && !strchr(f->name, '/') &&
		  strlen(d->tmp) < NAME_MAX_BYTES;
	return *usable ? ST_OK : give_up(d, "file_profile", d->final);
}

/* ---- the steps ---- */

static bool is_ours(const struct delivery *d, int64_t size)
{
	return size == d->f.size && text_equal(d->f.state, "uploaded");
}

static enum status look(struct delivery *d)
{
	int64_t size;
	enum sftp_result r = sftp_stat(d->c->sftp, d->final, &size);
	d->called = true;
	if (r != SFTP_OK)
		return trouble(d, r, "look");
	if (size < 0)
		return ST_OK;
	return is_ours(d, size) ? finish(d) : conflict(d, size);
}

static enum status build(struct delivery *d, struct bytes *bin)
{
	struct courier *c = d->c;
	struct t1_file *f = &d->f;
	struct file_built built = {0};
	unsigned char *sha256 = arena_alloc(c->file_a, CRYPT_HASH_SIZE);
	if (!f->iv.data) {
		unsigned char *iv = arena_alloc(c->file_a, 16);
		crypt_random(iv, 16);
		f->iv = (struct bytes){iv, 16};
	}
	enum status st = c->build(c, f, &built);
	if (st != ST_OK && st != ST_UNAVAILABLE && st != ST_BUSY) {
		log_warn("sftp", "file=%s not built: %s", f->id, status_message());
		return again(d, "not built", false);
	}
	if (st != ST_OK)
		return st;
	if (built.cause)
		return give_up(d, built.cause, built.why);
	*bin = built.bin;
	crypt_sha256(sha256, bin->data, bin->length);
	if (f->sha256.data && !crypt_equal(f->sha256.data, sha256, CRYPT_HASH_SIZE))
		log_warn("sftp", "file=%s has other bytes than before: programs, fonts, profile or the carrier's name were changed", f->id);
	f->sha256 = (struct bytes){sha256, CRYPT_HASH_SIZE};
	f->size = (int64_t)bin->length;
	return ST_OK;
}

static enum status upload(struct delivery *d, struct bytes bin)
{
	struct courier *c = d->c;
	int64_t size;
	enum status st = t1_file_prepared(c->w->db, c->file_a, d->job, COURIER_HOLD(c->w->config), &d->f);
	if (st != ST_OK)
		return st;
	d->f.state = "prepared";
	crash_point(CRASH_SFTP_BEFORE_UPLOAD);
	enum sftp_result r = sftp_upload(c->sftp, d->tmp, bin);
	if (r == SFTP_OK)
		r = sftp_stat(c->sftp, d->tmp, &size);
	if (r != SFTP_OK)
		return trouble(d, r, "upload");
	if (size != d->f.size) {
		d->report = LANE_FAILED;
		return again(d, arena_printf(c->file_a, "the server has %" PRId64 " of %" PRId64 " bytes", size, d->f.size), false);
	}
	crash_point(CRASH_SFTP_AFTER_UPLOAD);
	st = t1_file_uploaded(c->w->db, c->file_a, d->job, COURIER_HOLD(c->w->config));
	d->f.state = "uploaded";
	return st;
}

/* Whether it was carried out only a look tells: its answer may be lost, and a server may say no to what it did before. */
static enum status give_final_name(struct delivery *d)
{
	int64_t size;
	crash_point(CRASH_SFTP_BEFORE_RENAME);
	enum sftp_result r = sftp_rename(d->c->sftp, d->tmp, d->final), seen;
	crash_point(CRASH_SFTP_AFTER_RENAME);
	if (r == SFTP_OK)
		return finish(d);
	if (courier_fatal(r))
		return trouble(d, r, "rename");
	seen = sftp_stat(d->c->sftp, d->final, &size);
	if (seen != SFTP_OK)
		return trouble(d, seen, "look after rename");
	if (size < 0)
		return trouble(d, r, "rename");
	return is_ours(d, size) ? finish(d) : conflict(d, size);
}

/* ST_OK with nothing settled: the next step. */
static enum status deliver(struct delivery *d)
{
	struct courier *c = d->c;
	struct bytes bin;
	bool usable;
	enum status st = t1_file_load(c->w->db, c->file_a, d->job->subject, &d->f);
	if (st == ST_NOT_FOUND || (st == ST_OK && (d->f.erased || text_equal(d->f.state, "done")))) {
		d->settled = true;
		if (st == ST_OK && d->f.erased)
			log_alarm("sftp", "file=%s source=%s is not delivered: its application was erased", d->f.id, d->f.source);
		return queue_done(c->w->db, c->file_a, d->job);
	}
	if (st == ST_OK)
		st = make_names(d, &usable);
	if (st == ST_OK && !d->settled)
		st = courier_keep(c);
	if (st == ST_OK && !d->settled)
		st = look(d);
	if (st == ST_OK && !d->settled)
		st = build(d, &bin);
	if (st == ST_OK && !d->settled)
		st = courier_keep(c);
	if (st == ST_OK && !d->settled)
		st = upload(d, bin);
	if (st == ST_OK && !d->settled)
		st = courier_keep(c);
	return st == ST_OK && !d->settled ? give_final_name(d) : st;
}

enum status courier_deliver(struct courier *c, const struct job *job, enum sftp_result *session)
{
	struct delivery d = {.c = c, .job = job, .session = SFTP_OK, .report = LANE_OK};
	arena_reset(c->file_a);
	c->current = job;
	/* claimed together with others, and these took their time */
	bool old = clock_monotonic_ms() - c->claimed_at >= (int64_t)c->w->config->sftp_stall_s * 1000 / 3;
	enum status st = old ? queue_renew(c->w->db, c->file_a, job, COURIER_HOLD(c->w->config)) : ST_OK;
	crash_point(CRASH_JOB_CLAIMED);
	if (st == ST_OK)
		st = deliver(&d);
	c->current = NULL;
	if (d.called)
		lane_report(c->w->lanes, job->lane, d.report);
	else
		lane_unused(c->w->lanes, job->lane);
	*session = d.session;
	if (st == ST_OK || st == ST_UNAVAILABLE)
		return st;
	db_rollback(c->w->db);
	log_warn("sftp", "job=%" PRId64 " file=%s: %s", job->id, job->subject, status_message());
	if (st != ST_CONFLICT) /* it is still ours */
		st = again(&d, "an error of ours", false);
	return st == ST_CONFLICT ? ST_OK : st;
}

enum status courier_sweep(struct courier *c, const struct t1_file *f, enum sftp_result *session)
{
	enum sftp_result r = SFTP_OK;
	arena_reset(c->file_a);
	enum status st = courier_keep(c);
	if (st != ST_OK)
		return st;
	if (f->folder && f->name)
		r = sftp_remove(c->sftp, arena_printf(c->file_a, "%s%s.bin.tmp", f->folder, f->name));
	*session = courier_fatal(r) ? r : SFTP_OK;
	if (r != SFTP_OK)
		courier_tell(c, r, "sweep");
	else
		log_info("sftp", "file=%s temporary file removed", f->id);
	return t1_file_swept(c->w->db, c->file_a, f->id, r != SFTP_OK);
}
