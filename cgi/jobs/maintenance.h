/* Work that comes round by the clock. Any worker may do it: who moves job_schedule.next_at does it. */
#ifndef JOBS_MAINTENANCE_H
#define JOBS_MAINTENANCE_H

#include "base/config.h"
#include "db/db.h"

/* Makes the rows of job_schedule. */
enum status maintenance_prepare(struct db *db, struct arena *a) MUST_CHECK;
/* Does what is due. A failing task is logged and tried again at its next time; one that was not done for long is an alarm. */
enum status maintenance_run_due(struct db *db, struct arena *a, const struct config *config, const struct keys *keys) MUST_CHECK;

/* The tasks. Each may be called at any time and is safe to be cut off anywhere. */
enum status maintain_audit_chain(struct db *db, struct arena *a, const struct config *config, const struct keys *keys) MUST_CHECK;
/* Drafts that ran out: marked, their files deleted, their data key erased. */
enum status maintain_draft_expiry(struct db *db, struct arena *a, const struct config *config, const struct keys *keys) MUST_CHECK;
/* Clips of submitted applications a day after they were made, once nobody needs them for a decision. */
enum status maintain_clip_expiry(struct db *db, struct arena *a, const struct config *config, const struct keys *keys) MUST_CHECK;
/* Resumable uploads that were not finished in time, with their pieces. */
enum status maintain_upload_expiry(struct db *db, struct arena *a, const struct config *config, const struct keys *keys) MUST_CHECK;
/* Applications after their time: two years after the registration ended, refused_days after a refusal; what is personal is erased. */
enum status maintain_retention(struct db *db, struct arena *a, const struct config *config, const struct keys *keys) MUST_CHECK;
/* Rows that are no longer needed: attempts, codes, sessions, phones of messages, workers that are gone. */
enum status maintain_cleanup(struct db *db, struct arena *a, const struct config *config, const struct keys *keys) MUST_CHECK;
/* Complaints two years after their answer: words, phone and answer emptied, their data key erased. The row stays, for counting. */
enum status maintain_complaint_expiry(struct db *db, struct arena *a, const struct config *config, const struct keys *keys) MUST_CHECK;
/* Files for carriers that are late: an alarm at half and at 80 % of the time of an instruction, and at the end of any time. */
enum status maintain_file_deadline(struct db *db, struct arena *a, const struct config *config, const struct keys *keys) MUST_CHECK;
/* An alarm for each SFTP slot that is kept by a process that does nothing any more. */
enum status maintain_sftp_slots(struct db *db, struct arena *a, const struct config *config, const struct keys *keys) MUST_CHECK;
/* An alarm for what waits too long for staff, or for pictures that staff asked for: a row of a table each. */
enum status maintain_waiting(struct db *db, struct arena *a, const struct config *config, const struct keys *keys) MUST_CHECK;
/* Files of the store without a living row, older than a day: removed when the row says that they were deleted, else put aside for 30 days. */
enum status maintain_sweep(struct db *db, struct arena *a, const struct config *config, const struct keys *keys) MUST_CHECK;
/* Messages to carriers without a final answer for too long: asked for again (store/t1_decide.h). */
enum status maintain_t1_reconcile(struct db *db, struct arena *a, const struct config *config, const struct keys *keys) MUST_CHECK;
/* The lines of t1_count added up. */
enum status maintain_t1_count(struct db *db, struct arena *a, const struct config *config, const struct keys *keys) MUST_CHECK;

#endif
