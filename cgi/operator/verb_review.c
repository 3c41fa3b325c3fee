/* The work of people: what waits for a decision, and the decision. */
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/json.h"
#include "domain/paper.h"
#include "domain/review.h"
#include "operator/application.h"
#include "operator/verbs.h"
#include "store/batch.h"
#include "store/cards.h"
#include "store/evidence.h"
#include "store/papers.h"
#include "store/supplement.h"

#define REASON_CHARACTERS_MAX 30
#define PICTURE_BYTES_MAX ((size_t)64 * 1024 * 1024)
#define PAGES_MOST 1000 /* of all attachments */
#define REFUSAL_KEY "review.refused"
#define UNANSWERED_KEY "review.unanswered" /* what was asked for did not come */

enum status verb_review_list(struct command *c)
{
	struct db_result *r;
	enum status st = db_query(c->db, c->a, &r,
				  "SELECT a.number, a.certificate_type, a.review_reasons, v.vin, extract(epoch FROM "
				  "a.submitted_at)::bigint AS at, count(*) AS cards, min(ac.state) AS state, "
				  "extract(epoch FROM min(ac.state_at))::bigint AS since, "
				  "(SELECT string_agg(s.what || CASE WHEN s.given_at IS NULL THEN '' ELSE ' (given)' END, ', ' ORDER BY s.asked_at) "
				  "FROM supplement s WHERE s.application_id = a.id) AS asked "
				  "FROM application a JOIN application_card ac ON ac.application_id = a.id AND ac.state IN ('review', 'needs_more') "
				  "LEFT JOIN vehicle v ON v.id = a.vehicle_id WHERE a.push_decided_at IS NULL GROUP BY a.id, v.vin ORDER BY a.submitted_at");

	if (st != ST_OK)
		return st;
	fprintf(c->out, "number\tsubmitted\tcards\tVIN\tcertificate\tbecause of\tstate\tsince\tasked for\n");
	for (int i = 0; i < db_rows(r); i++)
		fprintf(c->out, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", db_text(r, i, "number"), clock_page(c->a, db_int(r, i, "at")),
			db_text(r, i, "cards"), db_is_null(r, i, "vin") ? "(batch)" : mask_vin(c->a, db_text(r, i, "vin")),
			command_shown(c->a, db_text(r, i, "certificate_type")), db_text(r, i, "review_reasons"),
			db_text(r, i, "state"), clock_page(c->a, db_int(r, i, "since")), command_shown(c->a, db_text(r, i, "asked")));
	return ST_OK;
}

/* The reasons in words, as the rules name them. */
static enum status print_reasons(struct command *c, const struct application *p)
{
	fprintf(c->out, "to be decided\n");
	for (int i = 0; i < REVIEW_REASON_MAX; i++) {
		const char *name = review_name((enum review_reason)i), *found = strstr(p->review_reasons, name);

		if (found && strchr(",}", found[strlen(name)]))
			fprintf(c->out, "  %s\n", review_label((enum review_reason)i));
	}
	return ST_OK;
}

enum status verb_review_show(struct command *c)
{
	static enum status (*const parts[])(struct command *, const struct application *) = {
		application_print_head,    print_reasons,           application_print_note,  application_print_holder,
		application_print_papers,  application_print_vehicle, application_print_cards, application_print_checks,
	};
	struct application p = {0};
	enum status st = application_open(c, &p);

	for (size_t i = 0; st == ST_OK && i < sizeof parts / sizeof *parts; i++)
		st = parts[i](c, &p);
	application_close(&p);
	return st;
}

/* ---- pictures ---- */

/* The application and the picture that it uses for a purpose: page number page of a paper that is a PDF, or of all attachments one after
 * the other. The row of the application is locked for the audit. */
static enum status find_picture(struct command *c, const char *purpose, int64_t page, const char **application_id, const char **evidence_id)
{
	struct db_result *r;
	enum status st =
		db_query(c->db, c->a, &r,
			 "SELECT a.id, (SELECT x.id FROM (SELECT e.id, row_number() OVER (ORDER BY u.place, e.page) AS n FROM (SELECT 0 AS place, "
			 "CASE $2 WHEN 'certificate_front' THEN a.front_evidence_id WHEN 'certificate_back' THEN a.back_evidence_id "
			 "WHEN 'portrait' THEN a.portrait_evidence_id WHEN 'vehicle_licence' THEN a.licence_evidence_id "
			 "WHEN 'other_photo' THEN a.other_evidence_id WHEN 'business_licence' THEN a.business_licence_evidence_id "
			 "WHEN 'authorisation' THEN a.authorisation_evidence_id END AS id UNION ALL "
			 "SELECT row_number() OVER (ORDER BY f.added_at, f.id), f.evidence_id FROM application_paper f "
			 "WHERE f.application_id = a.id AND $2 = 'attachment') u JOIN evidence e ON e.application_id = a.id "
			 "AND (e.id = u.id OR e.page_of = u.id) AND e.media_type LIKE 'image/%') x WHERE x.n = $3) AS evidence_id "
			 "FROM application a WHERE a.number = $1 FOR UPDATE OF a",
			 DB_TEXT(text_code(c->a, command_given(c, "NUMBER"))), DB_TEXT(purpose), DB_INT(page));

	if (st != ST_OK)
		return st;
	if (db_rows(r) == 0)
		return status_fail(ST_NOT_FOUND, "there is no application with this number");
	if (db_is_null(r, 0, "evidence_id") && page > 1)
		return status_fail(ST_NOT_FOUND, "the application has no page %d of %s", (int)page, purpose);
	if (db_is_null(r, 0, "evidence_id"))
		return status_fail(ST_NOT_FOUND, "the application has no %s", purpose);
	*application_id = db_text(r, 0, "id");
	*evidence_id = db_text(r, 0, "evidence_id");
	return ST_OK;
}

static char *reason_json(struct command *c, const char *reason)
{
	struct buffer b;

	buffer_init(&b, c->a, 4096);
	buffer_text(&b, "{");
	if (reason)
		json_member(&b, "reason", reason);
	buffer_text(&b, "}");
	return b.data;
}

/* 1 to max characters on one line; NULL when the option was not given. */
static enum status read_reason(struct command *c, const char **out)
{
	const char *reason = command_given(c, "--reason");

	*out = NULL;
	if (!reason)
		return ST_OK;
	reason = text_clean(c->a, reason);
	if (text_empty(reason) || text_characters(reason) > REASON_CHARACTERS_MAX)
		return command_usage(c, "--reason wants 1 to %d characters", REASON_CHARACTERS_MAX);
	*out = reason;
	return ST_OK;
}

enum status verb_review_picture(struct command *c)
{
	const char *purpose = command_given(c, "PURPOSE"), *reason, *application_id = NULL, *evidence_id = NULL;
	struct bytes picture;
	char *media_type;
	int64_t page = 1;
	enum status st = read_reason(c, &reason);

	if (st == ST_OK)
		st = command_number(c, "--page", 1, PAGES_MOST, &page);
	if (st != ST_OK)
		return st;
	if (!paper(purpose) && strcmp(purpose, "portrait") != 0) /* what can be asked for, and what a verification brings */
		return command_usage(c, "PURPOSE is one of portrait, %s", paper_names(c->a));
	if (isatty(fileno(c->out)))
		return command_usage(c, "the picture goes to standard output: send it to a viewer, not to a terminal");
	if ((st = db_begin(c->db)) != ST_OK)
		return st;
	st = find_picture(c, purpose, page, &application_id, &evidence_id);
	if (st == ST_OK)
		st = audit_write(c->db, c->a, &c->actor, "evidence.revealed", application_id,
				 arena_printf(c->a, "evidence:%s", evidence_id), "ok", reason_json(c, reason));
	if ((st = command_end(c, st)) != ST_OK)
		return st;
	st = evidence_load(c->db, c->a, c->keys, c->config->evidence_dir, application_id, evidence_id, PICTURE_BYTES_MAX, &picture,
			   &media_type);
	if (st == ST_OK)
		fwrite(picture.data, 1, picture.length, c->out);
	return st;
}

/* ---- decisions ---- */

struct decision {
	const char *application_id, *number;
	bool batch; /* of a company: its cards are moved together */
	bool held;  /* approved, but its company is closed: the rest of it is not sent */
	int in_review, needs_more;
};

/* Locks the application, whose lock its cards' changes take too: of two people who decide, the second sees what the first did. */
static enum status lock_application(struct command *c, struct decision *d, bool may_need_more, bool may_be_held)
{
	struct db_result *r;
	enum status st = db_query(c->db, c->a, &r,
				  "SELECT a.id, a.number, a.company_id IS NOT NULL AS batch, a.push_decided_at IS NOT NULL AS decided, k.closed_at IS NOT NULL "
				  "AND EXISTS (SELECT FROM application_card c WHERE c.application_id = a.id AND c.state IN ('submitted', 'review')) AS held "
				  "FROM application a LEFT JOIN company k ON k.id = a.company_id WHERE a.number = $1 FOR UPDATE OF a",
				  DB_TEXT(text_code(c->a, command_given(c, "NUMBER"))));

	if (st != ST_OK)
		return st;
	if (db_rows(r) == 0)
		return status_fail(ST_NOT_FOUND, "there is no application with this number");
	*d = (struct decision){.application_id = db_text(r, 0, "id"), .number = db_text(r, 0, "number"), .batch = db_bool(r, 0, "batch")};
	d->held = may_be_held && db_bool(r, 0, "decided") && db_bool(r, 0, "held");
	if (d->held)
		return ST_OK;
	if (db_bool(r, 0, "decided"))
		return status_fail(ST_CONFLICT, "application %s is not in review: it is approved already", d->number);
	st = db_query(c->db, c->a, &r,
		      "SELECT count(*) FILTER (WHERE state = 'review') AS in_review, count(*) FILTER (WHERE state = 'needs_more') AS needs_more, "
		      "coalesce(string_agg(DISTINCT state, ', '), 'none') AS states FROM application_card WHERE application_id = $1",
		      DB_TEXT(d->application_id));
	if (st != ST_OK)
		return st;
	d->in_review = (int)db_int(r, 0, "in_review");
	d->needs_more = (int)db_int(r, 0, "needs_more");
	if (d->in_review == 0 && !(may_need_more && d->needs_more))
		return status_fail(ST_CONFLICT, "application %s is not in review; its cards: %s", d->number, db_text(r, 0, "states"));
	return ST_OK;
}

/* What somebody else says was not his is not approved before people have found out, nor after they found it true; nor what a closed company
 * sent. A report takes the lock of the application too. */
static enum status may_approve(struct command *c, const struct decision *d)
{
	struct db_result *r;
	enum status st = db_query(c->db, c->a, &r,
				  "SELECT k.closed_at IS NOT NULL AS closed, m.number AS report, m.closed_at IS NULL AS report_open FROM application p "
				  "LEFT JOIN company k ON k.id = p.company_id "
				  "LEFT JOIN misuse_report m ON m.application_id = p.id AND (m.closed_at IS NULL OR m.outcome = 'misuse') WHERE p.id = $1",
				  DB_TEXT(d->application_id));

	if (st != ST_OK)
		return st;
	if (db_text(r, 0, "report"))
		return db_bool(r, 0, "report_open")
			       ? status_fail(ST_CONFLICT, "its phone says that this is somebody else's: close report %s first", db_text(r, 0, "report"))
			       : status_fail(ST_CONFLICT, "report %s of misuse was true: refuse it", db_text(r, 0, "report"));
	return db_bool(r, 0, "closed") ? status_fail(ST_CONFLICT, "its company is closed: refuse it, or reopen the company") : ST_OK;
}

/* The check that people made. */
static enum status record_decision(struct command *c, const struct decision *d, const char *refusal_key, const char *reason)
{
	bool approved = !refusal_key;
	const char *id = crypt_uuid(c->a);
	enum status st = db_query(c->db, c->a, NULL,
				  "INSERT INTO verification (id, application_id, kind, state, provider, cause, raw_code, answered_at) "
				  "VALUES ($1, $2, 'review', $3, $4, $5, $6, now())",
				  DB_TEXT(id), DB_TEXT(d->application_id), DB_TEXT(approved ? "passed" : "failed"), DB_TEXT(c->actor.name),
				  DB_TEXT(refusal_key), DB_TEXT(reason));

	if (st != ST_OK)
		return st;
	return audit_write(c->db, c->a, &c->actor, approved ? "review.approved" : "review.refused", d->application_id,
			   arena_printf(c->a, "verification:%s", id), "ok", NULL);
}

enum status verb_review_approve(struct command *c)
{
	struct decision d;
	const char *reason;
	enum status st = read_reason(c, &reason);

	if (st != ST_OK || (st = db_begin(c->db)) != ST_OK)
		return st;
	st = lock_application(c, &d, false, false);
	if (st == ST_OK)
		st = may_approve(c, &d);
	if (st == ST_OK)
		st = record_decision(c, &d, NULL, reason);
	if (st == ST_OK)
		st = d.batch ? batch_approve(c->db, c->a, &c->actor, d.application_id)
			     : cards_push(c->db, c->a, c->config, c->keys, &c->actor, d.application_id);
	st = command_end(c, st);
	if (st == ST_OK)
		fprintf(c->out, "application %s: %d cards are pushed\n", d.number, d.in_review);
	return st;
}

/* Of a batch that was approved before its company was closed: what is not sent yet. */
static enum status refuse_rest(struct command *c, const struct decision *d, const char *reason, int *ended)
{
	enum status st = record_decision(c, d, REFUSAL_KEY, reason);

	return st == ST_OK ? batch_withdraw(c->db, c->a, c->keys, &c->actor, d->application_id, ended) : st;
}

/* Also what waits for a picture that never came: otherwise its cards could not be registered by anybody. */
enum status verb_review_refuse(struct command *c)
{
	struct decision d;
	const char *reason;
	int refused = 0;
	enum status st = read_reason(c, &reason);

	if (st != ST_OK || (st = db_begin(c->db)) != ST_OK)
		return st;
	st = lock_application(c, &d, true, true);
	if (st == ST_OK && d.held)
		st = refuse_rest(c, &d, reason, &refused);
	else if (st == ST_OK) {
		const struct cards_change change = {
			.application_id = d.application_id,
			.from = {CARD_REVIEW, CARD_NEEDS_MORE},
			.to = CARD_REFUSED,
			.refusal_key = d.in_review ? REFUSAL_KEY : UNANSWERED_KEY,
			.refusal_raw = reason,
		};

		st = record_decision(c, &d, change.refusal_key, reason);
		if (st == ST_OK)
			st = cards_transition(c->db, c->a, &c->actor, &change, &refused);
		if (st == ST_OK)
			st = cards_tell(c->db, c->a, c->keys, d.application_id, CARD_REFUSED);
	}
	st = command_end(c, st);
	if (st == ST_OK)
		fprintf(c->out, "application %s: %d cards are %s\n", d.number, refused, d.held ? "not sent any more" : "refused");
	return st;
}

static bool one_line(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == 127)
			return false;
	return true;
}

/* Asks for one paper more. While the user has not sent everything, another can be added. */
enum status verb_review_ask(struct command *c)
{
	const struct paper *what = paper(command_given(c, "WHAT"));
	const char *words = command_given(c, "--text");
	struct decision d;
	enum status st;

	if (!what)
		return command_usage(c, "WHAT is one of %s", paper_names(c->a));
	if (!words)
		words = what->words;
	/* As typed: it is read by people, punctuation and all. */
	if (text_empty(text_clean(c->a, words)) || !text_is_utf8(words, strlen(words)) || !one_line(words) || text_characters(words) > PAPER_WORDS_MAX)
		return command_usage(c, "--text wants 1 to %d characters on one line", PAPER_WORDS_MAX);
	st = db_begin(c->db);
	if (st == ST_OK)
		st = lock_application(c, &d, true, false);
	if (st == ST_OK && what->company && !d.batch)
		st = status_fail(ST_CONFLICT, "application %s is a person's: only a company has %s", d.number, what->name);
	if (st == ST_OK)
		st = supplement_ask(c->db, c->a, c->config, c->keys, &c->actor, d.application_id, what, words);
	if (st == ST_LIMIT)
		st = status_fail(ST_CONFLICT, "application %s has %d attachments, which is the most: refuse it, so that they are given anew", d.number, ATTACHMENTS_MAX);
	if (st == ST_CONFLICT && text_equal(db_constraint(c->db), "supplement_open"))
		st = status_fail(ST_CONFLICT, "application %s: %s is asked for already", d.number, what->name);
	st = command_end(c, st);
	if (st == ST_OK)
		fprintf(c->out, "application %s: the user is asked for %s\n", d.number, what->name);
	return st;
}
