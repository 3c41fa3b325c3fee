/* Rules of form fields (http/form.h): NULL when the cleaned text is good, otherwise the key of the message, with
 * *argument the text for its placeholder (NULL when it has none). An absent field comes as "". */
#ifndef DOMAIN_FIELD_RULES_H
#define DOMAIN_FIELD_RULES_H

#include "base/arena.h"

#define COMPLAINT_NUMBER_LENGTH 10
#define APPLICATION_NUMBER_LENGTH 12

/* After text_code. A wrong check digit passes: ask vin_check_digit_ok when the car is not found. */
const char *rule_vin(struct arena *a, const char *clean, const char **argument);
/* After text_code: the last six characters of the engine or motor number. */
const char *rule_last_six(struct arena *a, const char *clean, const char **argument);
/* After text_phone. */
const char *rule_phone(struct arena *a, const char *clean, const char **argument);
/* After text_code: the six digits of an SMS. */
const char *rule_sms_code(struct arena *a, const char *clean, const char **argument);
/* After text_name. */
const char *rule_person_name(struct arena *a, const char *clean, const char **argument);
/* After text_clean. */
const char *rule_address(struct arena *a, const char *clean, const char **argument);
/* After text_clean: a day in any form that date_parse knows. */
const char *rule_date(struct arena *a, const char *clean, const char **argument);
/* After text_code: the number of a resident identity card, not later than today. */
const char *rule_id_number(struct arena *a, const char *clean, const char **argument);
/* After text_code: unified social credit code; a wrong check character passes (review looks at it). */
const char *rule_uscc(struct arena *a, const char *clean, const char **argument);
/* After text_clean: the name of an organisation. */
const char *rule_organisation_name(struct arena *a, const char *clean, const char **argument);
/* After text_lines: what a complaint says, 10 to 1000 characters. */
const char *rule_complaint_text(struct arena *a, const char *clean, const char **argument);
/* After text_code: the number of a complaint. */
const char *rule_complaint_number(struct arena *a, const char *clean, const char **argument);
/* After text_code: the number of an application, or nothing. */
const char *rule_application_number(struct arena *a, const char *clean, const char **argument);
/* After text_code: the last four digits of a phone, or nothing. */
const char *rule_phone_tail(struct arena *a, const char *clean, const char **argument);

#endif
