/* Fetches the digits that the user reads out. */
#include <string.h>

#include "base/log.h"
#include "jobs/job.h"
#include "providers/provider.h"

static enum status write_result(struct job_run *run, const char *state, const char *digits)
{
	enum status st = job_begin(run);
	if (st != ST_OK)
		return st;
	st = db_query(run->db, run->a, NULL,
		      "UPDATE live_code SET state = $2, digits = $3, expires_at = now() + make_interval(secs => $4) "
		      "WHERE id = $1 AND state = 'requested'",
		      DB_TEXT(run->job->subject), DB_TEXT(state), DB_TEXT(digits), DB_INT(run->config->live_code_seconds));
	return job_end(run, st);
}

enum status job_live_code_give_up(struct job_run *run)
{
	return write_result(run, "unavailable", NULL);
}

enum status job_live_code_fetch(struct job_run *run, enum job_end *end)
{
	struct provider_result result = {.class = PROVIDER_TRANSIENT, .score = -1};
	struct db_result *r;
	char *digits = NULL;
	enum status st = db_query(run->db, run->a, &r, "SELECT FROM live_code WHERE id = $1 AND state = 'requested'", DB_TEXT(run->job->subject));
	if (st != ST_OK)
		return st;
	if (db_rows(r) == 0)
		return job_drop(run);
	identity_provider(run->config)->live_code(run->config, run->a, &digits, &result);
	if (result.class == PROVIDER_PASS && !text_empty(digits))
		return write_result(run, "ready", digits);
	run->error = result.raw_code ? result.raw_code : "no answer";
	if (result.class == PROVIDER_OPERATOR)
		log_alarm("live_code", "refused=%s", run->error);
	*end = JOB_AGAIN;
	return ST_OK;
}
