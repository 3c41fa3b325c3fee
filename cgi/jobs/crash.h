/* Named places where a test lets the program die. Compiled in with -DCRASH_POINTS only; otherwise nothing remains of them.
 * REALNAME_CRASH="name[:count]" kills the process when it comes to that place for the count-th time (1 when not given).
 * REALNAME_CRASH_MARK=path: only if that file does not exist yet; it is made first, so that the next process goes on.
 * REALNAME_CRASH_DIR=path, for processes that are running: a file in it with the name of a place, and in it "COUNT SIGNAL [SUBJECT]",
 * sends that signal to the process that comes there for the COUNT-th time (about that subject); the file is removed first, so one process
 * is struck. With COUNT 0 the file stays and strikes whoever comes. */
#ifndef JOBS_CRASH_H
#define JOBS_CRASH_H

#define CRASH_JOB_CLAIMED "job.claimed"
#define CRASH_T1_BUILD "t1.build"
#define CRASH_T1_BEFORE_ATTEMPT_COMMIT "t1.before_attempt_commit"
#define CRASH_T1_AFTER_ATTEMPT_COMMIT "t1.after_attempt_commit"
#define CRASH_T1_AFTER_SEND "t1.after_send"
#define CRASH_SFTP_BEFORE_UPLOAD "sftp.before_upload"
#define CRASH_SFTP_MID_UPLOAD "sftp.mid_upload"
#define CRASH_SFTP_AFTER_UPLOAD "sftp.after_upload"
#define CRASH_SFTP_BEFORE_RENAME "sftp.before_rename"
#define CRASH_SFTP_AFTER_RENAME "sftp.after_rename"
#define CRASH_BATCH_CHUNK "batch.chunk"
#define CRASH_BEFORE_RESULT_COMMIT "job.before_result_commit"
#define CRASH_AFTER_RESULT_COMMIT "job.after_result_commit"

#ifdef CRASH_POINTS
void crash_point_of(const char *name, const char *subject);
#else
static inline void crash_point_of(const char *name, const char *subject)
{
	(void)name;
	(void)subject;
}
#endif
static inline void crash_point(const char *name)
{
	crash_point_of(name, "");
}

#endif
