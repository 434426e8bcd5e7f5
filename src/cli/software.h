// SPDX-License-Identifier: MIT
#ifndef SOFTWARE_H
#define SOFTWARE_H

// Where a CPU is the only device: sets what makes it fast, unless the user has set it. Before the device is opened.
void software_settings(void);

#endif
