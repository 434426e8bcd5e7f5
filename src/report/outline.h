// SPDX-License-Identifier: MIT
// The outline of one class, with a dark rim so that it is seen on bright and dark ground.
#ifndef REPORT_OUTLINE_H
#define REPORT_OUTLINE_H

#include <stdbool.h>
#include <stdint.h>

struct outline {
    uint8_t colour[3];
    uint32_t radius; // the line is 2 * radius + 1 pixels thick, the rim as wide again (at least 1)
    uint32_t dash;   // length of dashes and of the gaps between them, 0: solid
};
// `inside` tells a label of the class from others. `scratch` has height * width bytes. Where the class meets the picture's border it is
// closed along the border.
void outline_draw(uint8_t *rgb, const uint8_t *labels, uint32_t height, uint32_t width, bool (*inside)(uint8_t label, uint32_t class_index),
                  uint32_t class_index, const struct outline *outline, uint8_t *scratch);

#endif
