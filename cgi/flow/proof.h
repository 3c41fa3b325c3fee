/* The proof that a car is one's own: VIN and the last six of its engine or motor number. */
#ifndef FLOW_PROOF_H
#define FLOW_PROOF_H

#include "http/form.h"
#include "store/audit.h"

/* The fields vin and proof, for form_check. */
enum { PROOF_VIN, PROOF_SIX, PROOF_FIELDS };
extern const struct field proof_fields[];

/* In the caller's transaction, which has to be committed in every case: wrong tries are counted. *vehicle_id is NULL with a form error when the
 * proof is wrong or may not be tried now. company_id: a car that is another company's is as unknown; NULL: of a person.
 * application_id: for the audit row, NULL when there is none. */
enum status proof_check(struct request *r, const struct actor *actor, const char *application_id, const char *company_id, const char *const *value,
			const char **vehicle_id) MUST_CHECK;
/* Hints about a VIN that was typed: Vin.suggestion, Vin.check_hint. */
void proof_hints(struct request *r, const char *typed);

#endif
