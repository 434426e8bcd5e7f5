// SPDX-License-Identifier: MIT
#ifndef OP_TEST_H
#define OP_TEST_H

#include "check/check.h"

// Runs all cases of one operator's check on the test device and fails the test with each case that disagrees: its shapes and
// attributes, the first offending element, both values. Slow cases run too where NEPHOS_SLOW=1 is set.
void op_test(const char *op);
// The same of a row of the table of checks: an operator may have more than one.
void op_test_check(const struct check_op *check);
// A part of its cases, 0 .. parts-1: so long a list is run by more than one process.
void op_test_part(const struct check_op *check, uint32_t part, uint32_t parts);

#endif
