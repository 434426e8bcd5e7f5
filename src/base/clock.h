// SPDX-License-Identifier: MIT
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

// Seconds of a clock that never goes backwards.
double base_clock(void);

#endif
