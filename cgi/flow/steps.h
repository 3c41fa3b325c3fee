/* The steps, one file each (step_*.c). A flow is a row of them in flows.c. */
#ifndef FLOW_STEPS_H
#define FLOW_STEPS_H

#include "domain/certificate.h"
#include "flow/flow.h"

extern const struct step step_notice, step_vehicle, step_cards, step_phone, step_code, step_front, step_back, step_identity, step_consent,
	step_liveness, step_papers, step_agreements, step_check, step_fleet_cars, step_fleet_check;
/* Of companies: the list of tasks, and the tasks that are not those of a person (step_front, step_back, step_identity). */
extern const struct step step_open_notice, step_open_check, step_tasks, step_company, step_letter, step_attachments;

/* Refuses on a page of its own: slug as eligibility.h gives it; "registered" reads otherwise when it was this person. */
enum status refuse(struct flow_visit *v, const char *slug) MUST_CHECK;
/* The page of a refusal: /FLOW/refused/SLUG. */
enum status refusal_serve(struct request *r);
/* Uploads: /FLOW/upload/front, back, clip, licence, other; /supplement/upload/front, back, licence, other; of companies business, letter,
 * attachment. Own pictures: /FLOW/picture/front, back, licence, other; of companies business, letter, attachment?id=ID, each with page=N. */
enum status upload_serve(struct request *r);
/* Where a page of the draft sends a file of this kind. It names the draft: the browser may have another one by the time the file is chosen. */
const char *upload_url(struct flow_visit *v, const char *kind);
/* The same piece by piece (tus 1.0.0): /PLACE/resume/KIND begins one, /PLACE/resume/KIND/ID is one; what is spoken there. */
enum status resume_begin_serve(struct request *r);
enum status resume_serve(struct request *r);
enum status resume_options_serve(struct request *r);
enum status picture_serve(struct request *r);
/* The evidence that the draft uses for a kind of upload of which it has one; NULL: none. */
const char *picture_used(const struct draft *d, const char *slug);
/* After the submission: /FLOW/done. */
enum status done_serve(struct request *r);

/* Records what was agreed, in the caller's transaction: the text that agreement_take gave. statement: the words beside the tick. */
struct agreement;
enum status consent_record(struct flow_visit *v, const struct agreement *t, const char *statement) MUST_CHECK;
/* The privacy notice of the pages that begin an application: what their show and their submit ask for (agreements.h). */
enum status privacy_offer(struct flow_visit *v) MUST_CHECK;
enum status privacy_take(struct request *r, struct agreement *out) MUST_CHECK;

/* The newest digits of the draft that can still be used or are on their way; asks for new ones when there are none. */
struct live_code {
	const char *id, *state, *digits;
	int64_t expires_at;
};

/* What is left of the tries for readings and liveness, within config tries_hours; until: when one comes back. */
struct tries {
	int left;
	int64_t until;
};
enum status tries_of_readings(struct flow_visit *v, struct tries *out) MUST_CHECK;
enum status tries_of_liveness(struct flow_visit *v, struct tries *out) MUST_CHECK;

/* The two ways to prove who one is: a face verification, or photographs for people. */
bool way_by_face(const struct draft *d);
enum status way_choose(struct flow_visit *v, bool manual) MUST_CHECK;

/* The kind of certificate that the draft uses: an identity card until another is chosen. */
const struct certificate *draft_certificate(const struct draft *d);

/* Whether the draft's flow can do something with the card: register one that is not registered, cancel one that is. */
bool card_free(const struct draft *d, const struct draft_card *c);

/* The pure side of review and eligibility: facts from the draft. */
enum status cards_refusal(struct flow_visit *v, const char **slug) MUST_CHECK;            /* of the car as a whole; NULL: none */
enum status person_refusal(struct flow_visit *v, struct bytes number_hash, const char **slug) MUST_CHECK; /* more than N cards; NULL: none */

/* The parts of the pages that ask no database; practice fills them with samples. */
void vehicle_fill(struct flow_visit *v);                                     /* the VIN, and hints about what was typed */
void side_fill(struct flow_visit *v, const char *side);                      /* which side, of which certificate */
void reading_fill(struct flow_visit *v, const struct reading *reading);      /* what was read, masked */
void identity_fill(struct request *r, const struct holder *known);           /* the person's fields: what was typed, else what is known */
void check_fill(struct flow_visit *v, const struct holder *h, const struct certificate *type, const char *phone); /* every row, masked */
void agreements_name(struct flow_visit *v);                                  /* the list without versions */

/* Texts.N of what a company prints and signs: those that are loaded. */
enum status agreements_to_print(struct flow_visit *v) MUST_CHECK;
/* A validity as typed, with the tick "long_term"; false: errors are in the page. */
bool validity_typed(struct request *r, const char *from, const char *until, struct validity *out);

/* For the check page of a company. Why people should look at the papers and the responsible person: bits of domain/review.h. */
enum status papers_reasons(struct flow_visit *v, unsigned *reasons) MUST_CHECK;
/* Rows.N and Pictures.N of the company, the letter, the person and the attachments, masked, with where to change them; *rows and *pictures
 * are counted up. */
enum status papers_check_fill(struct flow_visit *v, int *rows, int *pictures) MUST_CHECK;
/* What to print and sign: /FLOW/print/letter. */
enum status letter_print_serve(struct request *r);

/* 模拟办理: /practice/FLOW/STEP. Keeps nothing, asks nothing, works without a database. */
enum status practice_serve(struct request *r);

#endif
