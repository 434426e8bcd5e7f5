// SPDX-License-Identifier: MIT
// Usage: predict MODEL IMAGE.ppm
// Prints the share of the image that each class covers. Build: cc predict.c $(pkg-config --cflags --libs nephos)
#include <nephos/nephos.h>

#include <stdio.h>
#include <stdlib.h>

static void print_message(void *user, enum nephos_log_level level, const char *message)
{
    (void)user;
    (void)level;
    fprintf(stderr, "%s\n", message);
}

// Binary PPM with 8 bits per sample, without comments.
static unsigned char *read_ppm(const char *path, uint32_t *height, uint32_t *width)
{
    unsigned char *pixels = NULL;
    FILE *file = fopen(path, "rb");
    if (file && fscanf(file, "P6 %5u %5u 255%*c", width, height) == 2) {
        size_t size = (size_t)3 * *height * *width;
        pixels = malloc(size);
        if (pixels && fread(pixels, 1, size, file) < size) {
            free(pixels);
            pixels = NULL;
        }
    }
    if (file) fclose(file);
    return pixels;
}

static void print_shares(const struct nephos_model_info *info, const float *probs, size_t pixel_count)
{
    for (uint32_t c = 0; c < info->class_count; c++) {
        size_t covered = 0;
        for (size_t i = 0; i < pixel_count; i++) covered += probs[c * pixel_count + i] > 0.5f;
        printf("%-12s %5.1f %%\n", info->classes[c], 100.0 * (double)covered / (double)pixel_count);
    }
}

static enum nephos_status predict(struct nephos_model *model, const char *path)
{
    const struct nephos_model_info *info = nephos_model_get_info(model);
    struct nephos_image image = {.channels = 3, .bits = 8};
    unsigned char *pixels = read_ppm(path, &image.height, &image.width);
    if (!pixels) {
        fprintf(stderr, "%s is not a binary PPM file\n", path);
        return NEPHOS_ERROR_DATA;
    }
    size_t pixel_count = (size_t)image.height * image.width;
    float *probs = malloc(info->class_count * pixel_count * sizeof *probs);
    image.pixels = pixels;
    enum nephos_status status = probs ? nephos_model_predict(model, &image, probs) : NEPHOS_ERROR_MEMORY;
    if (status == NEPHOS_OK) print_shares(info, probs, pixel_count);
    free(probs);
    free(pixels);
    return status;
}

int main(int argc, char **argv)
{
    struct nephos_log *log = NULL;
    struct nephos_device *device = NULL;
    struct nephos_model *model = NULL;
    if (argc != 3) {
        fprintf(stderr, "usage: predict MODEL IMAGE.ppm\n");
        return 2;
    }
    enum nephos_status status = nephos_log_create(print_message, NULL, NEPHOS_LOG_WARN, &log);
    if (status == NEPHOS_OK) status = nephos_device_open(log, NULL, &device);
    if (status == NEPHOS_OK) status = nephos_model_load(device, argv[1], &model);
    if (status == NEPHOS_OK) status = predict(model, argv[2]);
    nephos_model_destroy(&model);
    nephos_device_destroy(&device);
    nephos_log_destroy(&log);
    return status == NEPHOS_OK ? 0 : 1;
}
