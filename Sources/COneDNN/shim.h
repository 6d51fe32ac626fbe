// oneDNN behind a surface that 2.x (Debian 12) and 3.x share: memory descriptors become opaque
// layouts, and every primitive descriptor is made by one call.
#pragma once
#include <dnnl.h>
#include <stdlib.h>
#include <string.h>

/// Sizes, element type and order in memory of one tensor; freed with `percept_layout_free`.
typedef struct percept_layout_opaque *percept_layout;

#if DNNL_VERSION_MAJOR >= 3
static inline dnnl_memory_desc_t percept_md(percept_layout layout) {
    return (dnnl_memory_desc_t)layout;
}
static inline percept_layout percept_layout_copy(const_dnnl_memory_desc_t md) {
    dnnl_memory_desc_t copy = NULL;
    return dnnl_memory_desc_clone(&copy, md) == dnnl_success ? (percept_layout)copy : NULL;
}
static inline void percept_layout_free(percept_layout layout) {
    dnnl_memory_desc_destroy(percept_md(layout));
}
#else
static inline dnnl_memory_desc_t *percept_md(percept_layout layout) {
    return (dnnl_memory_desc_t *)layout;
}
static inline percept_layout percept_layout_copy(const dnnl_memory_desc_t *md) {
    dnnl_memory_desc_t *copy = (dnnl_memory_desc_t *)malloc(sizeof *copy);
    if (copy && md) *copy = *md;
    return (percept_layout)copy;
}
static inline void percept_layout_free(percept_layout layout) { free(layout); }
#endif

static inline percept_layout percept_layout_tag(int rank, const int64_t *dims,
                                                dnnl_data_type_t type, dnnl_format_tag_t tag) {
#if DNNL_VERSION_MAJOR >= 3
    dnnl_memory_desc_t md = NULL;
    return dnnl_memory_desc_create_with_tag(&md, rank, dims, type, tag) == dnnl_success
               ? (percept_layout)md : NULL;
#else
    dnnl_memory_desc_t md;
    return dnnl_memory_desc_init_by_tag(&md, rank, dims, type, tag) == dnnl_success
               ? percept_layout_copy(&md) : NULL;
#endif
}

static inline percept_layout percept_layout_strided(int rank, const int64_t *dims,
                                                    dnnl_data_type_t type,
                                                    const int64_t *strides) {
#if DNNL_VERSION_MAJOR >= 3
    dnnl_memory_desc_t md = NULL;
    return dnnl_memory_desc_create_with_strides(&md, rank, dims, type, strides) == dnnl_success
               ? (percept_layout)md : NULL;
#else
    dnnl_memory_desc_t md;
    return dnnl_memory_desc_init_by_strides(&md, rank, dims, type, strides) == dnnl_success
               ? percept_layout_copy(&md) : NULL;
#endif
}

/// A region of a larger tensor, in place; NULL where the layout cannot express it.
static inline percept_layout percept_layout_region(percept_layout parent, const int64_t *dims,
                                                   const int64_t *offsets) {
#if DNNL_VERSION_MAJOR >= 3
    dnnl_memory_desc_t md = NULL;
    return dnnl_memory_desc_create_submemory(&md, percept_md(parent), dims, offsets) ==
                   dnnl_success ? (percept_layout)md : NULL;
#else
    dnnl_memory_desc_t md;
    return dnnl_memory_desc_init_submemory(&md, percept_md(parent), dims, offsets) ==
                   dnnl_success ? percept_layout_copy(&md) : NULL;
#endif
}

static inline size_t percept_layout_size(percept_layout layout) {
    return dnnl_memory_desc_get_size(percept_md(layout));
}

static inline int percept_layout_equal(percept_layout a, percept_layout b) {
    return dnnl_memory_desc_equal(percept_md(a), percept_md(b));
}

/// The element type of a layout.
static inline dnnl_data_type_t percept_layout_type(percept_layout layout) {
#if DNNL_VERSION_MAJOR >= 3
    dnnl_data_type_t type = dnnl_data_type_undef;
    dnnl_memory_desc_query(percept_md(layout), dnnl_query_data_type, &type);
    return type;
#else
    return percept_md(layout)->data_type;
#endif
}

/// The layout that a primitive descriptor chose for its argument; NULL where it has none.
static inline percept_layout percept_query_layout(const_dnnl_primitive_desc_t pd,
                                                  dnnl_query_t what, int index) {
#if DNNL_VERSION_MAJOR >= 3
    const_dnnl_memory_desc_t md = dnnl_primitive_desc_query_md(pd, what, index);
#else
    const dnnl_memory_desc_t *md = dnnl_primitive_desc_query_md(pd, what, index);
#endif
    return md ? percept_layout_copy(md) : NULL;
}

/// The name of the kernel behind a primitive descriptor, such as "jit_bf16:avx512_core_bf16".
static inline const char *percept_kernel_name(const_dnnl_primitive_desc_t pd) {
    const char *name = NULL;
    dnnl_primitive_desc_query(pd, dnnl_query_impl_info_str, 0, &name);
    return name;
}

static inline dnnl_status_t percept_memory(dnnl_memory_t *memory, percept_layout layout,
                                           dnnl_engine_t engine, void *data) {
    return dnnl_memory_create(memory, percept_md(layout), engine, data);
}

// Post-operations.

static inline dnnl_status_t percept_append_sum(dnnl_post_ops_t ops, float scale) {
#if DNNL_VERSION_MAJOR >= 3
    return dnnl_post_ops_append_sum(ops, scale, 0, dnnl_data_type_undef);
#else
    return dnnl_post_ops_append_sum(ops, scale);
#endif
}

static inline dnnl_status_t percept_append_eltwise(dnnl_post_ops_t ops, dnnl_alg_kind_t kind,
                                                   float alpha, float beta) {
#if DNNL_VERSION_MAJOR >= 3
    return dnnl_post_ops_append_eltwise(ops, kind, alpha, beta);
#else
    return dnnl_post_ops_append_eltwise(ops, 1.0f, kind, alpha, beta);
#endif
}

static inline dnnl_status_t percept_append_binary(dnnl_post_ops_t ops, dnnl_alg_kind_t kind,
                                                  percept_layout other) {
    return dnnl_post_ops_append_binary(ops, kind, percept_md(other));
}

#if DNNL_VERSION_MAJOR < 3
/// In 2.x a primitive is described twice: by its own kind of descriptor, then by a common one.
static inline dnnl_status_t percept_create(dnnl_primitive_desc_t *pd, dnnl_engine_t engine,
                                           const void *descriptor, dnnl_status_t status,
                                           const_dnnl_primitive_desc_t hint,
                                           const_dnnl_primitive_attr_t attr) {
    return status != dnnl_success ? status
                                  : dnnl_primitive_desc_create(pd, descriptor, attr, engine, hint);
}
#endif

// Primitive descriptors. `geometry` holds strides[2], dilations[2] (0: dense), padding before[2],
// padding after[2].

static inline dnnl_status_t percept_convolution_forward(
    dnnl_primitive_desc_t *pd, dnnl_engine_t engine, percept_layout src, percept_layout weights,
    percept_layout bias, percept_layout dst, const int64_t *geometry,
    const_dnnl_primitive_attr_t attr, int training) {
    const dnnl_prop_kind_t kind =
        training ? dnnl_forward_training : dnnl_forward_inference;
#if DNNL_VERSION_MAJOR >= 3
    return dnnl_convolution_forward_primitive_desc_create(
        pd, engine, kind, dnnl_convolution_direct, percept_md(src), percept_md(weights),
        bias ? percept_md(bias) : NULL, percept_md(dst), geometry, geometry + 2, geometry + 4,
        geometry + 6, attr);
#else
    dnnl_convolution_desc_t d;
    return percept_create(
        pd, engine, &d,
        dnnl_dilated_convolution_forward_desc_init(&d, kind, dnnl_convolution_direct,
                                                   percept_md(src), percept_md(weights),
                                                   bias ? percept_md(bias) : NULL, percept_md(dst),
                                                   geometry, geometry + 2, geometry + 4,
                                                   geometry + 6),
        NULL, attr);
#endif
}

static inline dnnl_status_t percept_convolution_backward_data(
    dnnl_primitive_desc_t *pd, dnnl_engine_t engine, percept_layout diff_src,
    percept_layout weights, percept_layout diff_dst, const int64_t *geometry,
    const_dnnl_primitive_desc_t hint, const_dnnl_primitive_attr_t attr) {
#if DNNL_VERSION_MAJOR >= 3
    return dnnl_convolution_backward_data_primitive_desc_create(
        pd, engine, dnnl_convolution_direct, percept_md(diff_src), percept_md(weights),
        percept_md(diff_dst), geometry, geometry + 2, geometry + 4, geometry + 6, hint, attr);
#else
    dnnl_convolution_desc_t d;
    return percept_create(
        pd, engine, &d,
        dnnl_dilated_convolution_backward_data_desc_init(&d, dnnl_convolution_direct,
                                                         percept_md(diff_src), percept_md(weights),
                                                         percept_md(diff_dst), geometry,
                                                         geometry + 2, geometry + 4, geometry + 6),
        hint, attr);
#endif
}

static inline dnnl_status_t percept_convolution_backward_weights(
    dnnl_primitive_desc_t *pd, dnnl_engine_t engine, percept_layout src,
    percept_layout diff_weights, percept_layout diff_bias, percept_layout diff_dst,
    const int64_t *geometry, const_dnnl_primitive_desc_t hint, const_dnnl_primitive_attr_t attr) {
#if DNNL_VERSION_MAJOR >= 3
    return dnnl_convolution_backward_weights_primitive_desc_create(
        pd, engine, dnnl_convolution_direct, percept_md(src), percept_md(diff_weights),
        diff_bias ? percept_md(diff_bias) : NULL, percept_md(diff_dst), geometry, geometry + 2,
        geometry + 4, geometry + 6, hint, attr);
#else
    dnnl_convolution_desc_t d;
    return percept_create(
        pd, engine, &d,
        dnnl_dilated_convolution_backward_weights_desc_init(&d, dnnl_convolution_direct,
                                                            percept_md(src),
                                                            percept_md(diff_weights),
                                                            diff_bias ? percept_md(diff_bias) : NULL,
                                                            percept_md(diff_dst), geometry,
                                                            geometry + 2, geometry + 4,
                                                            geometry + 6),
        hint, attr);
#endif
}

static inline dnnl_status_t percept_eltwise_forward(
    dnnl_primitive_desc_t *pd, dnnl_engine_t engine, dnnl_alg_kind_t kind, percept_layout data,
    float alpha, float beta, const_dnnl_primitive_attr_t attr) {
#if DNNL_VERSION_MAJOR >= 3
    return dnnl_eltwise_forward_primitive_desc_create(
        pd, engine, dnnl_forward_training, kind, percept_md(data), percept_md(data), alpha, beta,
        attr);
#else
    dnnl_eltwise_desc_t d;
    return percept_create(
        pd, engine, &d,
        dnnl_eltwise_forward_desc_init(&d, dnnl_forward_training, kind, percept_md(data), alpha,
                                       beta),
        NULL, attr);
#endif
}

static inline dnnl_status_t percept_binary(
    dnnl_primitive_desc_t *pd, dnnl_engine_t engine, dnnl_alg_kind_t kind, percept_layout a,
    percept_layout b, percept_layout c, const_dnnl_primitive_attr_t attr) {
#if DNNL_VERSION_MAJOR >= 3
    return dnnl_binary_primitive_desc_create(pd, engine, kind, percept_md(a), percept_md(b),
                                             percept_md(c), attr);
#else
    dnnl_binary_desc_t d;
    return percept_create(
        pd, engine, &d,
        dnnl_binary_desc_init(&d, kind, percept_md(a), percept_md(b), percept_md(c)),
        NULL, attr);
#endif
}

static inline dnnl_status_t percept_reduction(
    dnnl_primitive_desc_t *pd, dnnl_engine_t engine, dnnl_alg_kind_t kind, percept_layout src,
    percept_layout dst, const_dnnl_primitive_attr_t attr) {
#if DNNL_VERSION_MAJOR >= 3
    return dnnl_reduction_primitive_desc_create(pd, engine, kind, percept_md(src), percept_md(dst),
                                                0, 0, attr);
#else
    dnnl_reduction_desc_t d;
    return percept_create(
        pd, engine, &d,
        dnnl_reduction_desc_init(&d, kind, percept_md(src), percept_md(dst), 0, 0),
        NULL, attr);
#endif
}

static inline dnnl_status_t percept_matmul(
    dnnl_primitive_desc_t *pd, dnnl_engine_t engine, percept_layout a, percept_layout b,
    percept_layout bias, percept_layout c, const_dnnl_primitive_attr_t attr) {
#if DNNL_VERSION_MAJOR >= 3
    return dnnl_matmul_primitive_desc_create(pd, engine, percept_md(a), percept_md(b),
                                             bias ? percept_md(bias) : NULL, percept_md(c), attr);
#else
    dnnl_matmul_desc_t d;
    return percept_create(
        pd, engine, &d,
        dnnl_matmul_desc_init(&d, percept_md(a), percept_md(b), bias ? percept_md(bias) : NULL,
                              percept_md(c)),
        NULL, attr);
#endif
}

static inline dnnl_status_t percept_pooling_forward(
    dnnl_primitive_desc_t *pd, dnnl_engine_t engine, dnnl_alg_kind_t kind, percept_layout src,
    percept_layout dst, const int64_t *kernel, const int64_t *geometry,
    const_dnnl_primitive_attr_t attr, int training) {
    const dnnl_prop_kind_t direction = training ? dnnl_forward_training : dnnl_forward_inference;
#if DNNL_VERSION_MAJOR >= 3
    return dnnl_pooling_forward_primitive_desc_create(
        pd, engine, direction, kind, percept_md(src), percept_md(dst), geometry, kernel,
        geometry + 2, geometry + 4, geometry + 6, attr);
#else
    dnnl_pooling_v2_desc_t d;
    return percept_create(
        pd, engine, &d,
        dnnl_pooling_v2_forward_desc_init(&d, direction, kind, percept_md(src), percept_md(dst),
                                          geometry, kernel, geometry + 2, geometry + 4,
                                          geometry + 6),
        NULL, attr);
#endif
}

static inline dnnl_status_t percept_pooling_backward(
    dnnl_primitive_desc_t *pd, dnnl_engine_t engine, dnnl_alg_kind_t kind, percept_layout diff_src,
    percept_layout diff_dst, const int64_t *kernel, const int64_t *geometry,
    const_dnnl_primitive_desc_t hint, const_dnnl_primitive_attr_t attr) {
#if DNNL_VERSION_MAJOR >= 3
    return dnnl_pooling_backward_primitive_desc_create(
        pd, engine, kind, percept_md(diff_src), percept_md(diff_dst), geometry, kernel,
        geometry + 2, geometry + 4, geometry + 6, hint, attr);
#else
    dnnl_pooling_v2_desc_t d;
    return percept_create(
        pd, engine, &d,
        dnnl_pooling_v2_backward_desc_init(&d, kind, percept_md(diff_src), percept_md(diff_dst),
                                           geometry, kernel, geometry + 2, geometry + 4,
                                           geometry + 6),
        hint, attr);
#endif
}

static inline dnnl_status_t percept_resampling_forward(
    dnnl_primitive_desc_t *pd, dnnl_engine_t engine, dnnl_alg_kind_t kind, percept_layout src,
    percept_layout dst, const_dnnl_primitive_attr_t attr) {
#if DNNL_VERSION_MAJOR >= 3
    return dnnl_resampling_forward_primitive_desc_create(pd, engine, dnnl_forward_inference, kind,
                                                         NULL, percept_md(src), percept_md(dst),
                                                         attr);
#else
    dnnl_resampling_desc_t d;
    return percept_create(
        pd, engine, &d,
        dnnl_resampling_forward_desc_init(&d, dnnl_forward_inference, kind, NULL, percept_md(src),
                                          percept_md(dst)),
        NULL, attr);
#endif
}

static inline dnnl_status_t percept_softmax_forward(
    dnnl_primitive_desc_t *pd, dnnl_engine_t engine, int logarithm, percept_layout data, int axis,
    const_dnnl_primitive_attr_t attr) {
    const dnnl_alg_kind_t kind = logarithm ? dnnl_softmax_log : dnnl_softmax_accurate;
#if DNNL_VERSION_MAJOR >= 3
    return dnnl_softmax_forward_primitive_desc_create(pd, engine, dnnl_forward_training, kind,
                                                      percept_md(data), percept_md(data), axis,
                                                      attr);
#else
    dnnl_softmax_v2_desc_t d;
    return percept_create(
        pd, engine, &d,
        dnnl_softmax_v2_forward_desc_init(&d, dnnl_forward_training, kind, percept_md(data),
                                          percept_md(data), axis),
        NULL, attr);
#endif
}

static inline dnnl_status_t percept_concat(
    dnnl_primitive_desc_t *pd, dnnl_engine_t engine, percept_layout dst, int count, int axis,
    const percept_layout *sources, const_dnnl_primitive_attr_t attr) {
#if DNNL_VERSION_MAJOR >= 3
    return dnnl_concat_primitive_desc_create(pd, engine, percept_md(dst), count, axis,
                                             (const const_dnnl_memory_desc_t *)sources, attr);
#else
    dnnl_memory_desc_t *copies = (dnnl_memory_desc_t *)malloc(sizeof *copies * (size_t)count);
    if (!copies) return dnnl_out_of_memory;
    for (int i = 0; i < count; i++) copies[i] = *percept_md(sources[i]);
    dnnl_status_t status =
        dnnl_concat_primitive_desc_create(pd, percept_md(dst), count, axis, copies, attr, engine);
    free(copies);
    return status;
#endif
}

static inline dnnl_status_t percept_reorder(dnnl_primitive_desc_t *pd, dnnl_engine_t engine,
                                            percept_layout src, percept_layout dst,
                                            const_dnnl_primitive_attr_t attr) {
    return dnnl_reorder_primitive_desc_create(pd, percept_md(src), engine, percept_md(dst), engine,
                                              attr);
}
