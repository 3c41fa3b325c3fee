/* What realnamectl can do: one function a row of its table (main_ctl.c). All give ST_OK, or a status with its message. */
#ifndef OPERATOR_VERBS_H
#define OPERATOR_VERBS_H

#include "operator/command.h"

/* verb_about.c */
enum status verb_config(struct command *c) MUST_CHECK;
enum status verb_version(struct command *c) MUST_CHECK;
enum status verb_audit_verify(struct command *c) MUST_CHECK;
/* verb_migrate.c */
enum status verb_migrate(struct command *c) MUST_CHECK;
/* verb_catalogue.c */
enum status verb_automaker_load(struct command *c) MUST_CHECK;
enum status verb_carrier_load(struct command *c) MUST_CHECK;
enum status verb_carrier_list(struct command *c) MUST_CHECK;
enum status verb_carrier_resume(struct command *c) MUST_CHECK;
/* verb_agreement.c */
enum status verb_agreement_load(struct command *c) MUST_CHECK;
enum status verb_agreement_list(struct command *c) MUST_CHECK;
enum status verb_agreement_show(struct command *c) MUST_CHECK;
/* verb_import.c */
enum status verb_import(struct command *c) MUST_CHECK;
/* verb_import_fleet.c */
enum status verb_import_fleet(struct command *c) MUST_CHECK;
/* verb_company.c */
enum status verb_company_list(struct command *c) MUST_CHECK;
enum status verb_company_show(struct command *c) MUST_CHECK;
enum status verb_company_admit(struct command *c) MUST_CHECK;
enum status verb_company_remove(struct command *c) MUST_CHECK;
enum status verb_company_close(struct command *c) MUST_CHECK;
enum status verb_company_reopen(struct command *c) MUST_CHECK;
/* verb_application.c */
enum status verb_application_list(struct command *c) MUST_CHECK;
enum status verb_application_show(struct command *c) MUST_CHECK;
/* verb_review.c */
enum status verb_review_list(struct command *c) MUST_CHECK;
enum status verb_review_show(struct command *c) MUST_CHECK;
enum status verb_review_picture(struct command *c) MUST_CHECK;
enum status verb_review_approve(struct command *c) MUST_CHECK;
enum status verb_review_refuse(struct command *c) MUST_CHECK;
enum status verb_review_ask(struct command *c) MUST_CHECK;
/* verb_complaint.c */
enum status verb_complaint_list(struct command *c) MUST_CHECK;
enum status verb_complaint_show(struct command *c) MUST_CHECK;
enum status verb_complaint_answer(struct command *c) MUST_CHECK;
/* verb_misuse.c */
enum status verb_misuse_list(struct command *c) MUST_CHECK;
enum status verb_misuse_show(struct command *c) MUST_CHECK;
enum status verb_misuse_close(struct command *c) MUST_CHECK;
/* verb_link.c */
enum status verb_link(struct command *c) MUST_CHECK;
/* verb_correction.c */
enum status verb_correction_list(struct command *c) MUST_CHECK;
enum status verb_correction_answer(struct command *c) MUST_CHECK;
/* verb_jobs.c */
enum status verb_jobs_list(struct command *c) MUST_CHECK;
enum status verb_requeue(struct command *c) MUST_CHECK;
/* verb_t1.c, verb_t1_show.c */
enum status verb_t1_status(struct command *c) MUST_CHECK;
enum status verb_t1_list(struct command *c) MUST_CHECK;
enum status verb_t1_show(struct command *c) MUST_CHECK;
enum status verb_t1_retry(struct command *c) MUST_CHECK;
enum status verb_t1_skip(struct command *c) MUST_CHECK;
enum status verb_t1_supersede(struct command *c) MUST_CHECK;
enum status verb_t1_result(struct command *c) MUST_CHECK;
enum status verb_t1_reconcile(struct command *c) MUST_CHECK;
/* verb_file.c */
enum status verb_file_list(struct command *c) MUST_CHECK;
enum status verb_file_again(struct command *c) MUST_CHECK;
/* verb_registration.c */
enum status verb_registration_cancel(struct command *c) MUST_CHECK;
/* verb_vehicle.c */
enum status verb_vehicle_status(struct command *c) MUST_CHECK;

#endif
