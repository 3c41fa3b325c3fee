/* 扫码继续: photo and video steps of a draft done on a phone while it is open on a desk. Any flow uses it whose steps are in the table
 * of handover.c. The phone's session is limited to these steps: flow_may_enter asks handover_offers. */
#ifndef FLOW_HANDOVER_H
#define FLOW_HANDOVER_H

#include "flow/flow.h"
#include "store/handover.h"

/* Where a limited session is told how things are. */
#define HANDOVER_PLACE "/handover"

/* Whether the step with this slug may be done on another device. */
bool handover_offers(const struct draft *d, const char *slug);
/* Whether the device that has done slug goes straight on to next, without a look at where things are. */
bool handover_goes_on(const struct draft *d, const char *slug, const char *next);

/* For the pages of the phone. The number of steps that offer it, and what doing one of them once more is called; NULL: not this one, now. */
#define HANDOVER_OFFERS 5
const char *handover_again(const struct flow *f, const struct draft *d, size_t i, const struct step **step);
/* Car.* of the page: what the phone is told that it is for. */
void handover_show_car(struct request *r, const struct handover *h);

/* For the engine. A GET of a step (page or script's question) while the draft is handed over: sends the page on when the phone has done
 * the step, or to the address that says what the page shows (its query "hand"). Looks at r->answered. */
enum status handover_look(struct flow_visit *v, bool done) MUST_CHECK;
/* Handover.* of the page, and the refresh that waits for the other device. waiting: the page shows a job that runs. May answer itself: the
 * address has to say so. */
enum status handover_show(struct flow_visit *v, int http_status, bool done, bool waiting) MUST_CHECK;
/* *was: this browser had taken over a draft that is no longer its. */
enum status handover_was_here(struct request *r, bool *was) MUST_CHECK;

/* Routes. */
enum status handover_serve(struct request *r);       /* POST /FLOW/handover/STEP: action show, sms or cancel, at the desk */
enum status handover_link_serve(struct request *r);  /* /c/TOKEN: GET changes nothing, POST uses it up */
enum status handover_phone_serve(struct request *r); /* /handover: what the phone does next; POST action cancel */

#endif
