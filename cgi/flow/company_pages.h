/* The pages of a company outside its flows: sign-in and choice, what is going on, admins, cars. Whoever is here has signed in by phone for
 * one company; nothing of another one can be named, whatever the browser sends. */
#ifndef FLOW_COMPANY_PAGES_H
#define FLOW_COMPANY_PAGES_H

#include "http/request.h"
#include "store/audit.h"
#include "store/company.h"

struct company_visit {
	struct request *r;
	struct company company;
	struct actor actor; /* "member:ID", from this address */
};
/* For every such page: the company of the session. ST_DENIED: there is none, it has answered with the way in. */
enum status company_visit(struct company_visit *v, struct request *r) MUST_CHECK;
/* The front page of the company, for the session that company_visit has found. */
enum status company_home(struct company_visit *v) MUST_CHECK;

enum status fleet_serve(struct request *r);          /* /fleet: the company's front page, or the choice, or the way in */
enum status fleet_choose_serve(struct request *r);   /* /fleet/choose: which company */
enum status fleet_continue_serve(struct request *r); /* POST /fleet/continue: one's own draft of the company */
enum status fleet_members_serve(struct request *r);  /* /fleet/members: who may act; POST adds one */
enum status fleet_remove_serve(struct request *r);   /* /fleet/members/ID: asks, POST removes */
enum status fleet_add_serve(struct request *r);      /* /fleet/add: a car by proof */

#endif
