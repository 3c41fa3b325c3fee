/* The engine of every flow: a flow is a row of steps (flows.c), a step is written once and used by many flows. Nothing stores a
 * current step: where a person goes on follows from the answers. The engine knows tables, not subjects. */
#ifndef FLOW_FLOW_H
#define FLOW_FLOW_H

#include <stdbool.h>

#include "http/form.h"
#include "http/response.h"
#include "http/session.h"
#include "domain/transition.h"
#include "store/draft.h"

struct flow;
struct step;
struct handover;

/* One request to one step. */
struct flow_visit {
	struct request *r;
	const struct flow *flow;
	const struct step *step;
	struct draft draft;
	struct actor actor;
	const struct handover *handover; /* the draft's newest, on the pages that offer one (handover.h) */
	const char *heading; /* set by show when the step's own is not exact enough */
	bool waits;          /* set by show when the page shows a job running: it then comes back by itself */
};

struct step {
	const char *slug;     /* of the page: /FLOW/SLUG */
	const char *task;     /* steps of different tasks may be done in any order, those of one task in theirs; NULL: in its place */
	const char *template_name;
	const char *heading;
	int part;             /* "第 n 步" of the flow's parts; 0: none */
	bool (*needed)(const struct draft *d); /* NULL: always */
	bool (*done)(const struct draft *d);   /* pure: looks at answers only; NULL: never (the last step) */
	/* Fills the dataset of the page; may answer itself (refusals). NULL: nothing to fill. */
	enum status (*show)(struct flow_visit *v);
	/* Takes the posted form. ST_OK with form errors: the page again with 422; ST_OK without: on to the next step, unless it has
	 * answered itself; ST_CONFLICT: the draft changed under it: on to where the answers lead. */
	enum status (*submit)(struct flow_visit *v);
	/* Of a step that gives the session a new id: the posted form came with the old one, since the answer to the first was lost. *again true: the
	 * session has its id again. NULL: the id does not change. */
	enum status (*unheard)(struct flow_visit *v, bool *again);
	/* Judges what was typed by itself, without a draft: errors go into the page. Submit asks for more; practice asks for this only.
	 * NULL: nothing is typed. */
	void (*typed)(struct request *r);
	/* For pages that wait for a job: whether it still runs. NULL: the page never waits. */
	enum status (*waiting)(struct flow_visit *v, bool *waiting);
	bool goes_on; /* when the job it waits for has made it done, the page goes on to the next step by itself */
};

#define FLOW_STEPS_MAX 20
/* Where companies sign in, choose and see what is theirs. */
#define COMPANY_PLACE "/fleet"

struct flow {
	const char *slug;  /* beginning of the address: "register", "fleet/register" */
	const char *kind;  /* of the application */
	bool company;      /* of a company: the visitor is signed in for one (store/company.h) */
	bool opens;        /* makes a company: the visitor is signed in by phone */
	const char *title;
	int parts;
	const struct step *steps[FLOW_STEPS_MAX + 1]; /* ends with NULL; the first begins a draft, the last submits */
	const struct step *tasks; /* the page that lists the tasks: where one is led while any is not done. NULL: no tasks */
};

extern const struct flow *const flows[]; /* ends with NULL */

/* Pure; tested without HTTP. */
const struct step *flow_step(const struct flow *f, const char *slug);          /* NULL: no such step */
const struct step *flow_resume(const struct flow *f, const struct draft *d);   /* the first step that is needed and not done */
bool flow_may_enter(const struct flow *f, const struct draft *d, const struct step *s);
int flow_parts_done(const struct flow *f, const struct draft *d);
const struct flow *flow_of_path(const char *path);                            /* by its slug; NULL: none */
const struct flow *flow_of_kind(const char *kind);                             /* of persons; NULL: none yet */
const struct flow *flow_of_company(const char *kind);                          /* of companies; NULL: none yet */
const struct flow *flow_of_draft(const struct draft *d);                       /* of a person or a company; NULL: none */
/* Where the answers lead: "/register/vehicle", "/register/done". Arena. */
const char *flow_path(struct arena *a, const struct flow *f, const struct draft *d);

/* The same from a step: on within its task, as long as that is not done. */
const struct step *flow_resume_from(const struct flow *f, const struct draft *d, const struct step *from);
const char *flow_path_from(struct arena *a, const struct flow *f, const struct draft *d, const struct step *from);

/* Serves "/FLOW/ *": GET and POST of every step. */
enum status flow_serve(struct request *r);
/* Loads the draft of this browser, if it has one (v->draft.exists) and it is of the flow of the address. ST_NOT_FOUND: no such flow or step. */
enum status flow_find(struct flow_visit *v, struct request *r, const char *slug) MUST_CHECK;
/* For uploads: loads the draft and makes sure that the step may be entered; ST_DENIED: it has answered with a redirect. */
enum status flow_enter(struct flow_visit *v, struct request *r, const char *slug) MUST_CHECK;
/* Before a change: begins a transaction, locks the draft and loads it again, since another request may have changed it after the guard.
 * ST_CONFLICT, with nothing open: the step may no longer be entered. What a step decides by must be read after this. */
enum status flow_lock(struct flow_visit *v) MUST_CHECK;
/* The page of v->step with this status, after the errors were put in. */
enum status flow_show(struct flow_visit *v, int status) MUST_CHECK;
/* On to where the answers lead now. */
enum status flow_go_on(struct flow_visit *v) MUST_CHECK;
/* Redirects to one of the flow's own pages. */
enum status flow_go(struct flow_visit *v, const char *slug) MUST_CHECK;

/* Common names of every page: Page.heading, Page.title, Page.csrf, ... */
void page_common(struct request *r, const char *heading, const char *step_text);

#endif
