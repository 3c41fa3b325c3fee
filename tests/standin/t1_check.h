/* The field tables of T1: table 8 (the account message's clear text) and table 11 (the vehicle message's). */
#ifndef STANDIN_T1_CHECK_H
#define STANDIN_T1_CHECK_H

#include <stdbool.h>
#include <stddef.h>

#include <cjson/cJSON.h>

/* Compiles the forms. Before the first check, once. */
void t1_check_start(void);
void t1_check_stop(void);

/* True when every field that must be there is, each is a string (ExtendPara: an object) of the right form, and nothing else is
 * there. Else why names the field and the fault, never the value. Safe to call from several threads. */
bool t1_check_user(const cJSON *object, char *why, size_t size);
bool t1_check_vehicle(const cJSON *object, char *why, size_t size);
/* An object with exactly these string fields (NULL at the end); objects are named with a leading '{'. */
bool t1_check_names(const cJSON *object, const char *const *names, char *why, size_t size);

bool t1_check_self_test(void);

#endif
