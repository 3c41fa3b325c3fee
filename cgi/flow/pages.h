/* Pages outside the flows. */
#ifndef FLOW_PAGES_H
#define FLOW_PAGES_H

#include "http/request.h"

enum status home_serve(struct request *r);   /* / */
enum status care_serve(struct request *r);   /* /care/on, /care/off: large text; ?to=PATH comes back */
enum status help_serve(struct request *r);   /* /help: questions and answers */
enum status complaint_serve(struct request *r);        /* /complaint: the form */
enum status complaint_follow_serve(struct request *r); /* /complaint/follow: by number */
enum status complaint_state_serve(struct request *r);  /* /complaint/state: the one that this browser sent or looked up */
enum status metrics_serve(struct request *r); /* /metrics: Prometheus text, for the addresses that nginx lets in */
enum status health_serve(struct request *r); /* /healthz: 200 when this worker serves */
enum status ready_serve(struct request *r);  /* /readyz: each part and whether it is well; 200 or 503 */

#endif
