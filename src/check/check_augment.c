// SPDX-License-Identifier: MIT
// The reference walks the same way from a pixel to its source in double precision. Where labels come from must not hang on rounding:
// affine maps and grids are made of multiples of 1/64, which floats hold exactly at these sizes.
#include "augment.h"
#include "check/check.h"
#include "unpack_image.h"

#include <math.h>
#include <string.h>

#define WORDS (sizeof(struct augment_record) / 4)
#define AFFINE 512 // a bit of a case's seed_id beside the record's flags

// --- records ----------------------------------------------------------------------------------------------------------

static float fraction(struct base_rng *rng, uint32_t low, uint32_t high)
{
    return (float)((double)(low + base_rng_below(rng, high - low + 1)) / 64);
}

static float around(struct base_rng *rng, uint32_t most)
{
    return fraction(rng, 0, 2 * most) - (float)most / 64;
}

static void fill_affine(struct augment_record *r, struct base_rng *rng, uint32_t height, uint32_t width)
{
    for (int i = 0; i < 6; i++)
        r->affine[i] = around(rng, i % 3 == 2 ? 64 * (i == 2 ? width : height) : 80);
}

static void fill_grid(float *borders, struct base_rng *rng, uint32_t cells)
{
    for (uint32_t i = 1; i <= cells; i++)
        borders[i] = borders[i - 1] + fraction(rng, 32, 256);
}

static void fill_rectangle(uint32_t *rectangle, struct base_rng *rng, uint32_t height, uint32_t width)
{
    rectangle[0] = base_rng_below(rng, width);
    rectangle[1] = base_rng_below(rng, height);
    rectangle[2] = rectangle[0] + base_rng_below(rng, width - rectangle[0] + 1);
    rectangle[3] = rectangle[1] + base_rng_below(rng, height - rectangle[1] + 1);
}

static void fill_record(const struct check_case *c, struct base_rng *rng, struct augment_record *r)
{
    const struct op_shape s = c->in[0];
    const uint32_t what = c->attr.seed_id;
    *r = (struct augment_record){.flags = what & AUGMENT_ALL, .affine = {1, 0, 0, 0, 1, 0}};
    if (what & AFFINE) fill_affine(r, rng, s.h, s.w);
    r->grid_cells = 1u << base_rng_below(rng, 4);
    fill_grid(r->grid_x, rng, r->grid_cells);
    fill_grid(r->grid_y, rng, r->grid_cells);
    r->elastic_cells = 1 + base_rng_below(rng, AUGMENT_ELASTIC_MOST);
    for (size_t i = 0; i < ARRAY_COUNT(r->elastic_x); i++) {
        r->elastic_x[i] = base_rng_normal(rng);
        r->elastic_y[i] = base_rng_normal(rng);
    }
    r->blur = 2 * base_rng_float(rng);
    for (int i = 0; i < 12; i++)
        r->colour[i] = (i < 9 ? 0.5f : 40.0f) * base_rng_normal(rng);
    r->gamma = 0.5f + base_rng_float(rng);
    r->noise = 20 * base_rng_float(rng);
    r->noise_key[0] = base_rng_u32(rng);
    r->noise_key[1] = base_rng_u32(rng);
    r->hole_count = 1 + base_rng_below(rng, AUGMENT_HOLES_MOST);
    for (uint32_t i = 0; i < r->hole_count; i++)
        fill_rectangle(&r->holes[4 * i], rng, s.h, s.w);
    r->partner = base_rng_below(rng, s.n);
    fill_rectangle(r->cutmix, rng, s.h, s.w);
    r->share = base_rng_float(rng);
}

static void fill(const struct check_case *c, struct base_rng *rng, uint32_t *words, uint64_t count)
{
    for (uint64_t i = 0; i < count / WORDS; i++) {
        struct augment_record r;
        fill_record(c, rng, &r);
        memcpy(words + i * WORDS, &r, sizeof r);
    }
}

// --- reference --------------------------------------------------------------------------------------------------------

struct view {
    const struct op_attr *attr;
    struct op_shape shape;
    const double *pixels, *records;
};
struct point {
    double x, y;
};

static struct augment_record record_of(const struct view *view, uint32_t n)
{
    struct augment_record r;
    uint32_t words[WORDS];
    for (uint32_t i = 0; i < WORDS; i++)
        words[i] = (uint32_t)view->records[n * WORDS + i];
    memcpy(&r, words, sizeof r);
    return r;
}

// The cubic B-spline around 0, from -2 to 2.
static double b_spline(double t)
{
    t = fabs(t);
    if (t >= 2) return 0;
    return t >= 1 ? pow(2 - t, 3) / 6 : 2.0 / 3 - t * t + t * t * t / 2;
}

static struct point bend(const struct augment_record *r, struct op_shape s, struct point p)
{
    const uint32_t points = r->elastic_cells + 3;
    const double u = fmin(fmax((p.x + 0.5) / s.w, 0), 1) * r->elastic_cells, v = fmin(fmax((p.y + 0.5) / s.h, 0), 1) * r->elastic_cells;
    for (uint32_t j = 0; j < points; j++) {
        for (uint32_t i = 0; i < points; i++) {
            const double weight = b_spline(u + 1 - i) * b_spline(v + 1 - j);
            p.x += weight * (double)r->elastic_x[j * points + i];
            p.y += weight * (double)r->elastic_y[j * points + i];
        }
    }
    return p;
}

static double through_grid(const float *borders, uint32_t cells, double at, uint32_t size)
{
    const double cell = (double)size / cells;
    uint32_t k = 0;
    while (k + 1 < cells && at + 0.5 >= cell * (k + 1))
        k++;
    return (double)borders[k] + ((double)borders[k + 1] - (double)borders[k]) * ((at + 0.5) / cell - k) - 0.5;
}

static struct point source(const struct augment_record *r, struct op_shape s, uint32_t x, uint32_t y)
{
    struct point p = {x, y};
    if (r->flags & AUGMENT_ELASTIC) p = bend(r, s, p);
    if (r->flags & AUGMENT_GRID)
        p = (struct point){through_grid(r->grid_x, r->grid_cells, p.x, s.w), through_grid(r->grid_y, r->grid_cells, p.y, s.h)};
    const float *a = r->affine;
    return (struct point){(double)a[0] * p.x + (double)a[1] * p.y + (double)a[2], (double)a[3] * p.x + (double)a[4] * p.y + (double)a[5]};
}

static uint32_t mirror(long i, uint32_t size)
{
    while (i < 0 || i >= (long)size)
        i = size == 1 ? 0 : i < 0 ? -i : 2 * (long)size - 2 - i;
    return (uint32_t)i;
}

static uint32_t word(const struct view *view, uint32_t n, long x, long y)
{
    const struct op_shape s = view->shape;
    return (uint32_t)view->pixels[((uint64_t)n * s.h + mirror(y, s.h)) * s.w + mirror(x, s.w)];
}

static double between(const struct view *view, uint32_t n, struct point p, int c)
{
    double sum = 0;
    const long x = (long)floor(p.x), y = (long)floor(p.y);
    for (long j = 0; j < 2; j++) {
        for (long i = 0; i < 2; i++) {
            const double weight = (1 - fabs(p.x - (double)(x + i))) * (1 - fabs(p.y - (double)(y + j)));
            sum += weight * (double)(word(view, n, x + i, y + j) >> 8 * c & 255);
        }
    }
    return sum;
}

static double blur(const struct view *view, const struct augment_record *r, uint32_t n, struct point p, int c)
{
    static const double weight[] = {1, 4, 6, 4, 1};
    double sum = 0;
    if (!(r->flags & AUGMENT_BLUR)) return between(view, n, p, c);
    for (int j = 0; j < 5; j++) {
        for (int i = 0; i < 5; i++) {
            const struct point at = {p.x + (double)r->blur * (i - 2), p.y + (double)r->blur * (j - 2)};
            sum += weight[i] * weight[j] / 256 * between(view, n, at, c);
        }
    }
    return sum;
}

static double limited(double colour)
{
    return fmin(fmax(colour, 0), 255);
}

static void recolour(const struct augment_record *r, double colour[3])
{
    const double from[3] = {colour[0], colour[1], colour[2]};
    for (int c = 0; c < 3 && (r->flags & AUGMENT_COLOUR); c++) {
        colour[c] = (double)r->colour[9 + c];
        for (int k = 0; k < 3; k++)
            colour[c] += (double)r->colour[3 * c + k] * from[k];
        colour[c] = limited(colour[c]);
    }
    for (int c = 0; c < 3 && (r->flags & AUGMENT_GAMMA); c++)
        colour[c] = 255 * pow(colour[c] / 255, (double)r->gamma);
}

static void add_noise(const struct augment_record *r, uint32_t index, double colour[3])
{
    uint32_t words[4];
    if (!(r->flags & AUGMENT_NOISE)) return;
    base_philox((uint32_t[]){index, 0, 0, BASE_RNG_NOISE}, r->noise_key, words);
    for (int c = 0; c < 3; c++) {
        double sum = 0;
        for (int k = 0; k < 4; k++)
            sum += words[c] >> 8 * k & 255;
        colour[c] = limited(colour[c] + (double)r->noise * (sum - 4 * 127.5) / sqrt(4 * (65536.0 - 1) / 12));
    }
}

static bool inside(const uint32_t *rectangle, uint32_t x, uint32_t y)
{
    return x >= rectangle[0] && y >= rectangle[1] && x < rectangle[2] && y < rectangle[3];
}

// Normalised colours of image n without a partner; its labels are the result.
static uint32_t sample(const struct view *view, uint32_t n, uint32_t x, uint32_t y, double colour[3])
{
    const struct augment_record r = record_of(view, n);
    const struct point p = source(&r, view->shape, x, y);
    bool hole = false;
    for (uint32_t i = 0; i < r.hole_count && (r.flags & AUGMENT_HOLES); i++)
        hole |= inside(&r.holes[4 * i], x, y);
    for (int c = 0; c < 3; c++)
        colour[c] = blur(view, &r, n, p, c);
    recolour(&r, colour);
    add_noise(&r, y * view->shape.w + x, colour);
    for (int c = 0; c < 3; c++)
        colour[c] = hole ? 0 : (colour[c] / 255 - (double)view->attr->mean[c]) / (double)view->attr->std[c];
    return word(view, n, (long)floor(p.x + 0.5), (long)floor(p.y + 0.5)) >> 24;
}

struct mixture {
    double colour[3], share;
    uint32_t labels[2];
};

static struct mixture mix(const struct view *view, uint32_t n, uint32_t x, uint32_t y)
{
    struct mixture m = {.share = 1};
    double other[3];
    const struct augment_record r = record_of(view, n);
    const bool cut = (r.flags & AUGMENT_CUTMIX) && inside(r.cutmix, x, y);
    m.labels[0] = sample(view, cut ? r.partner : n, x, y, m.colour);
    if (!(r.flags & AUGMENT_MIXUP)) return m;
    m.share = (double)r.share;
    m.labels[1] = sample(view, r.partner, x, y, other);
    for (int c = 0; c < 3; c++)
        m.colour[c] = m.share * m.colour[c] + (1 - m.share) * other[c];
    return m;
}

static double has(uint32_t mode, uint32_t labels, uint32_t c)
{
    return mode == UNPACK_BITS ? labels >> c & 1 : labels == c;
}

static void write_target(const struct mixture *m, uint32_t mode, uint32_t classes, double *target)
{
    if (mode == UNPACK_INDEX) *target = m->labels[m->share >= 0.5 ? 0 : 1];
    for (uint32_t c = 0; c < classes && mode != UNPACK_INDEX; c++)
        target[c] = m->share * has(mode, m->labels[0], c) + (1 - m->share) * has(mode, m->labels[1], c);
}

static void reference(const struct op_attr *attr, const struct check_tensor *in, struct check_tensor *out)
{
    const struct view view = {attr, in[0].shape, in[0].v, in[1].v};
    const struct op_shape image = out[0].shape, target = out[1].shape;
    for (uint64_t i = 0; i < op_count(image) / 3; i++) {
        const uint32_t x = (uint32_t)(i % image.w), y = (uint32_t)(i / image.w % image.h), n = (uint32_t)(i / image.w / image.h);
        const uint32_t from_x = x < target.w ? x : target.w - 1, from_y = y < target.h ? y : target.h - 1;
        const struct mixture m = mix(&view, n, from_x, from_y);
        memcpy(out[0].v + 3 * i, m.colour, sizeof m.colour);
        if (from_x == x && from_y == y)
            write_target(&m, attr->mode, target.c, out[1].v + (((uint64_t)n * target.h + y) * target.w + x) * target.c);
    }
}

#define COLOURS .mean = {0.485f, 0.456f, 0.406f}, .std = {0.229f, 0.224f, 0.225f}
#define CASE(n, h, w, to_h, to_w, count, kind, what)                                                                                       \
    {                                                                                                                                      \
        .op = "augment", .in = {{n, h, w, 1}, {n, 1, 1, WORDS}}, .in_count = 2, .fill = {CHECK_WORDS, CHECK_OWN}, .attr = {                \
            .size = {to_h, to_w},                                                                                                          \
            .channels = count,                                                                                                             \
            .mode = kind,                                                                                                                  \
            .seed_id = what, .changes = (what) & AUGMENT_ALL,                                                                                                               \
            COLOURS                                                                                                                        \
        }                                                                                                                                  \
    }
static const struct check_case cases[] = {
    CASE(1, 1, 1, 1, 1, 1, 0, AFFINE),
    CASE(2, 7, 9, 32, 32, 8, 0, 0),
    CASE(3, 12, 20, 16, 32, 4, 0, AFFINE),
    CASE(2, 16, 32, 0, 0, 4, 0, AUGMENT_GRID),
    CASE(2, 16, 24, 0, 0, 3, 1, AUGMENT_ELASTIC),
    CASE(3, 9, 14, 0, 0, 4, 0, AFFINE | AUGMENT_GRID | AUGMENT_ELASTIC),
    CASE(2, 8, 11, 0, 0, 4, 0, AUGMENT_BLUR),
    CASE(2, 12, 13, 0, 0, 4, 0, AUGMENT_COLOUR | AUGMENT_GAMMA | AUGMENT_NOISE),
    CASE(3, 10, 10, 0, 0, 4, 2, AUGMENT_HOLES),
    CASE(4, 10, 12, 16, 16, 4, 0, AUGMENT_CUTMIX | AUGMENT_HOLES),
    CASE(4, 6, 12, 0, 0, 4, 0, AUGMENT_MIXUP),
    CASE(4, 6, 12, 0, 0, 0, 2, AUGMENT_MIXUP | AUGMENT_CUTMIX | AUGMENT_NOISE),
    CASE(5, 12, 12, 16, 20, 7, 1, AUGMENT_ALL | AFFINE),
};

// Positions carry a few units of rounding, and from pixel to pixel a random image changes by all its range; a power of a colour is made
// of exp2 and log2, to which Vulkan allows an error of 2^-21.
const struct check_op check_augment = {
    .op = "augment",
    .cases = cases,
    .case_count = ARRAY_COUNT(cases),
    .reference = reference,
    .fill = fill,
    .forward_tolerance = 3e-5,
};
