// SPDX-License-Identifier: MIT
// Parts of the report's page, top to bottom; html.c puts them together.
#ifndef REPORT_HTML_H
#define REPORT_HTML_H

#include "report/report.h"
#include "report/text.h"

extern const char html_style[];

// A page's head with a title, and its end. `kind`: "training report"; `reload`: the seconds after which it reloads itself, 0: never.
void html_open(struct text *text, const char *kind, const char *title, const char *subtitle, uint32_t reload);
void html_close(struct text *text);
// A list of classes with their colours, left open for further entries: ends with "</ul>".
void html_add_keys(struct text *text, const char *const *classes, uint32_t class_count, bool exclusive);

void html_add_summary(struct text *text, const struct report *report); // the numbers at the top
void html_add_curves(struct text *text, const struct report *report);
void html_add_scores(struct text *text, const struct report *report);  // table per class
void html_add_facts(struct text *text, const struct report *report);
enum nephos_status html_add_examples(struct nephos_log *log, struct text *text, const struct report *report);

#endif
