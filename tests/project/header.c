// SPDX-License-Identifier: MIT
// Compiled alone as C11 and as C++17, with every warning an error.
#include <nephos/nephos.h>

int main(void)
{
    return nephos_status_name(NEPHOS_OK)[0] == 'o' ? 0 : 1;
}
