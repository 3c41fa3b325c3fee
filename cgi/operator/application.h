/* Inside the operator's command: one application as staff see it. */
#ifndef OPERATOR_APPLICATION_H
#define OPERATOR_APPLICATION_H

#include "operator/command.h"

/* The state of application a in SQL: the states of its cards. */
#define APPLICATION_STATE                                                                                                                  \
	"coalesce(CASE WHEN a.expired_at IS NOT NULL THEN 'expired' WHEN a.submitted_at IS NULL THEN 'draft' END, "                        \
	"(SELECT string_agg(DISTINCT ac.state, ',') FROM application_card ac WHERE ac.application_id = a.id), '-')"

struct application {
	const char *id, *number, *kind, *holder, *state, *data_key_id, *vehicle_id, *certificate_type, *review_reasons;
	int64_t created_at, submitted_at, expires_at;
	struct bytes phone_sealed;
	bool reveal;
	struct crypt_key key; /* wiped by application_close */
	bool readable;        /* its data key is there */
};

/* By the number that people know: the argument NUMBER, or one that the verb found. With --reveal: wants --reason and puts it on record
 * (committed) before it gives anything. */
enum status application_open(struct command *c, struct application *out) MUST_CHECK;
enum status application_open_number(struct command *c, const char *number, struct application *out) MUST_CHECK;
void application_close(struct application *p);

/* Parts of the print-out, masked unless reveal. */
enum status application_print_head(struct command *c, const struct application *p) MUST_CHECK;
/* How the person proved who he is, and his words to the people who look at it. */
enum status application_print_note(struct command *c, const struct application *p) MUST_CHECK;
enum status application_print_holder(struct command *c, const struct application *p) MUST_CHECK;
/* Of a company's: who it is, whom the letter names, what papers there are. */
enum status application_print_papers(struct command *c, const struct application *p) MUST_CHECK;
enum status application_print_vehicle(struct command *c, const struct application *p) MUST_CHECK;
enum status application_print_cards(struct command *c, const struct application *p) MUST_CHECK;
enum status application_print_checks(struct command *c, const struct application *p) MUST_CHECK;
enum status application_print_messages(struct command *c, const struct application *p) MUST_CHECK;
enum status application_print_audit(struct command *c, const struct application *p) MUST_CHECK;

#endif
