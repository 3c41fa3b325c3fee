/* The settings: one table (config.c) of name, type, default, secret or not, meaning. Order of sources: default,
 * file ("name = value", '#' comments), environment (REALNAME_ + upper-case name). A secret is never written into the
 * file: the file gives name_file = path, the environment may give the value itself. */
#ifndef BASE_CONFIG_H
#define BASE_CONFIG_H

#include <stdbool.h>
#include <stdio.h>

#include "base/keys.h"
#include "base/status.h"

struct config {
	/* places */
	char *database; /* libpq DSN of this program's role (web, jobs and operator get different files or environments) */
	char *templates_dir, *static_manifest;
	char *evidence_dir;
	char *image_program; /* realname-image */
	char *pdf_program;   /* realname-pdf */
	char *sql_dir;
	char *master_keys_file, *lookup_keys_file, *code_keys_file;
	char *secrets_dir; /* passwords and keys that carrier profiles name */
	/* web */
	char *web_socket;
	int web_workers, web_requests_per_worker;
	char *public_origin;                               /* https://host[:port], for the SMS domain line and absolute links */
	char *automaker;                                   /* slug of the automaker that this site is for */
	char *site_name, *brand, *hotline, *hotline_hours; /* on every page */
	/* instructions */
	char *instruction_socket;
	int instruction_workers, instruction_gather_ms;
	/* jobs */
	int sftp_workers, sftp_stall_s, delivery_max_mb;
	char *delivery_font;
	int jobs_workers, t1_workers, t1_flights, job_lease_s, job_poll_ms;
	int job_history_days;
	double job_delay_scale; /* multiplies every retry delay; tests make it small */
	/* outside */
	char *outbound_ca_file; /* CA bundle for every outside call */
	int outbound_connect_ms, outbound_timeout_ms;
	char *identity_faceid_url, *identity_ocr_url, *identity_secret_id, *identity_secret_key;
	char *sms_url, *sms_secret_id, *sms_secret_key, *sms_region, *sms_app_id, *sms_sign;
	char *sms_template_code, *sms_template_result_ok, *sms_template_result_refused, *sms_template_review, *sms_template_owner_notice,
		*sms_template_cancel_ok, *sms_template_cancel_refused;
	char *sms_template_needs_more, *sms_template_update_ok, *sms_template_update_refused;
	char *sms_template_batch_done;
	char *sms_template_complaint;
	char *sms_template_handover;
	char *sms_template_member_added;
	char *sms_template_member_removed;
	/* rules */
	char *network_date_limit;                 /* cars that entered the network later go to a shop: 2021-09-28 */
	int cards_per_person;                     /* 10 */
	int age_minimum;                          /* 16 */
	int draft_hours;                          /* 24 */
	int draft_idle_minutes;                   /* a draft pauses when nothing was sent for so long: 60 */
	int records_minutes, records_max_minutes; /* signed in to the records: 30, lengthened to 240 at most */
	int handover_max_minutes;                 /* a phone at a desk's draft, lengthened: 120 */
	int staff_days, needs_more_days;          /* what waits longer is an alarm: for staff 3, for pictures asked for 7 */
	int refused_days;                         /* a refused application is kept: 90 */
	/* limits */
	int sms_code_minutes, sms_code_tries, sms_resend_s;
	int sms_phone_hour, sms_phone_day, sms_vin_day, sms_address_hour, sms_budget_day;
	int signin_phone_hour, signin_phone_day, signin_address_hour, signin_budget_day;
	int proof_tries, proof_lock_minutes, proof_vin_hour, proof_vin_gap_s, proof_address_hour;
	int handover_hour, entry_wrong_hour;
	int picture_max_mb, picture_max_megapixels, clip_max_kb;
	int upload_draft_hour; /* resumable uploads begun */
	int reading_tries, liveness_tries, tries_hours;
	int records_tries, records_actions_day, company_members_day, company_openings_day;
	int own_proof_tries, own_copies_day;
	int live_code_seconds; /* 300 */
	int complaint_address_day, complaint_follow_hour;
};

/* Reads path (NULL: defaults and environment only). On ST_INVALID the message is "file:line: what is wrong". */
enum status config_load(struct config *out, const char *path) MUST_CHECK;
/* Prints every setting "name = value  # type, default, meaning"; secrets as "(set)" or "(not set)". */
void config_print(const struct config *c, FILE *out);
/* Loads the three key rings that the configuration names. */
enum status config_keys(struct keys *out, const struct config *c) MUST_CHECK;
/* Reads secrets_dir/name (at most 4096 bytes, one trailing newline dropped); name is [a-z0-9.-]+. Arena. */
enum status config_secret(struct arena *a, const struct config *c, const char *name, char **out) MUST_CHECK;
/* file_version of that file; "" for what is no name of a secret. */
char *config_secret_version(struct arena *a, const struct config *c, const char *name);
void config_free(struct config *c);
/* Name, type and default of the setting number index; false behind the last one. */
bool config_setting(int index, const char **name, const char **type, const char **preset);

#endif
