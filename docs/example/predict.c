// SPDX-License-Identifier: MIT
// Usage: predict MODEL IMAGE.ppm, a binary PPM. Prints the share of the image that each class covers.
// Build: cc predict.c $(pkg-config --cflags --libs nephos) -o predict
#include <nephos/nephos.h>
#include <stdio.h>
#include <stdlib.h>

static bool read_ppm(const char *path, struct nephos_image *image)
{
    FILE *file = fopen(path, "rb");
    bool complete = file && fscanf(file, "P6 %5u %5u 255%*c", &image->width, &image->height) == 2;
    const size_t size = (size_t)3 * image->height * image->width;
    void *pixels = complete ? malloc(size) : NULL;
    complete = pixels && fread(pixels, 1, size, file) == size;
    if (file) fclose(file);
    image->pixels = pixels;
    return complete;
}

int main(int argc, char **argv)
{
    struct nephos_log *log = NULL;
    struct nephos_device *device = NULL;
    struct nephos_model *model = NULL;
    struct nephos_image image = {.channels = 3, .bits = 8};
    float *probs = NULL;
    if (argc == 3 && read_ppm(argv[2], &image) && nephos_log_create(NULL, NULL, NEPHOS_LOG_WARN, &log) == NEPHOS_OK &&
        nephos_device_open(log, NULL, &device) == NEPHOS_OK && nephos_model_load(device, argv[1], &model) == NEPHOS_OK) {
        const struct nephos_model_info *info = nephos_model_get_info(model);
        const size_t pixels = (size_t)image.height * image.width;
        probs = malloc(info->class_count * pixels * sizeof *probs);
        const bool done = probs && nephos_model_predict(model, &image, probs) == NEPHOS_OK;
        for (uint32_t c = 0; done && c < info->class_count; c++) {
            size_t covered = 0;
            for (size_t i = 0; i < pixels; i++) covered += probs[c * pixels + i] > 0.5f;
            printf("%-12s %5.1f %%\n", info->classes[c], 100.0 * (double)covered / (double)pixels);
        }
    }
    const bool failed = !probs || *nephos_last_error(log);
    if (failed) fprintf(stderr, "%s\n", *nephos_last_error(log) ? nephos_last_error(log) : "usage: predict MODEL IMAGE.ppm");
    nephos_model_destroy(&model);
    nephos_device_destroy(&device);
    nephos_log_destroy(&log);
    free(probs);
    free((void *)image.pixels);
    return failed ? (argc == 3 ? 1 : 2) : 0;
}
