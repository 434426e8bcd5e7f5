// SPDX-License-Identifier: MIT
// Sum of the values of all invocations before this one, in a workgroup of 128. Every invocation must call it.
shared uint scan_scratch[128];

uint exclusive_scan(uint value)
{
    const uint me = gl_LocalInvocationIndex;
    scan_scratch[me] = value;
    barrier();
    for (uint reach = 1; reach < 128; reach *= 2) {
        const uint before = me >= reach ? scan_scratch[me - reach] : 0;
        barrier();
        scan_scratch[me] += before;
        barrier();
    }
    const uint sum = scan_scratch[me] - value;
    barrier();
    return sum;
}
