"""The operations of torch.ops.aten that a node may stand for.

All of them give new tensors from tensors and numbers: none writes into what it is given, opens a file, hands out memory
that nobody filled, or gives a result whose size depends on the numbers that come in.
"""

from __future__ import annotations

_NAMES = """
    _adaptive_avg_pool2d _log_softmax _softmax _to_copy _unsafe_view _weight_norm abs absolute acos acosh
    adaptive_avg_pool1d adaptive_avg_pool2d adaptive_avg_pool3d adaptive_max_pool1d adaptive_max_pool2d
    adaptive_max_pool3d add addbmm addcdiv addcmul addmm addmv addr adjoint affine_grid_generator alias all
    alpha_dropout amax amin aminmax any arange arccos arccosh arcsin arcsinh arctan arctan2 arctanh argmax
    argmin argsort asin asinh atan atan2 atanh atleast_1d atleast_2d atleast_3d avg_pool1d avg_pool2d avg_pool3d
    baddbmm batch_norm bernoulli bilinear bitwise_and bitwise_left_shift bitwise_not bitwise_or
    bitwise_right_shift bitwise_xor block_diag bmm broadcast_tensors broadcast_to bucketize cat cdist ceil celu
    chain_matmul channel_shuffle chunk clamp clamp_max clamp_min clip clone col2im column_stack concat
    concatenate constant_pad_nd contiguous conv1d conv2d conv3d conv_transpose1d conv_transpose2d
    conv_transpose3d convolution copysign cos cosh cosine_similarity count_nonzero cross cummax cummin cumprod
    cumsum deg2rad detach_copy diag diag_embed diagflat diagonal diagonal_scatter diff digamma dist div divide
    dot dropout dsplit dstack einsum elu embedding eq erf erfc erfinv exp exp2 expand expand_as expand_copy
    expm1 eye feature_alpha_dropout feature_dropout fix flatten flip fliplr flipud float_power floor
    floor_divide fmax fmin fmod frac frexp frobenius_norm full full_like gather gcd ge gelu ger glu greater
    greater_equal grid_sampler grid_sampler_2d group_norm gru gt hardshrink hardsigmoid hardswish hardtanh
    heaviside hsplit hstack hypot i0 igamma igammac im2col index index_add index_fill index_put index_select
    inner instance_norm isclose isfinite isin isinf isnan isneginf isposinf keys kron kthvalue layer_norm lcm
    ldexp le leaky_relu lerp less less_equal lgamma lift_fresh lift_fresh_copy linalg_cross linalg_diagonal
    linalg_matmul linalg_matrix_norm linalg_norm linalg_vecdot linalg_vector_norm linear linspace log log10
    log1p log2 log_sigmoid log_softmax logaddexp logaddexp2 logcumsumexp logical_and logical_not logical_or
    logical_xor logit logspace logsumexp lstm lstm_cell lt mH mT masked_fill matmul matrix_H max max_pool1d
    max_pool1d_with_indices max_pool2d max_pool2d_with_indices max_pool3d max_pool3d_with_indices max_unpool2d
    max_unpool3d maximum mean meshgrid min minimum mish mm moveaxis movedim msort mul multiply mv mvlgamma
    nan_to_num nanmean nansum narrow native_batch_norm native_channel_shuffle native_group_norm
    native_layer_norm ne neg negative new_full new_ones new_zeros nextafter norm not_equal one_hot ones
    ones_like outer pad pairwise_distance permute pixel_shuffle pixel_unshuffle polygamma positive pow prelu
    prod rad2deg rand_like randn_like ravel reciprocal reflection_pad1d reflection_pad2d reflection_pad3d relu
    relu6 remainder renorm repeat repeat_interleave replication_pad1d replication_pad2d replication_pad3d
    reshape reshape_as rms_norm rnn_relu rnn_relu_cell rnn_tanh rnn_tanh_cell roll rot90 round row_stack rrelu
    rsqrt rsub scalar_tensor scaled_dot_product_attention scatter scatter_add scatter_reduce searchsorted select
    select_scatter selu sigmoid sign signbit silu sin sinc sinh slice slice_scatter softmax softplus softshrink
    sort sorted special_digamma special_entr special_erf special_erfc special_erfcx special_erfinv special_exp2
    special_expit special_expm1 special_gammainc special_gammaincc special_gammaln special_i0 special_i0e
    special_i1 special_i1e special_log1p special_log_ndtr special_log_softmax special_logit special_logsumexp
    special_multigammaln special_ndtr special_ndtri special_polygamma special_psi special_round special_sinc
    special_softmax special_xlog1py special_xlogy special_zeta split split_with_sizes sqrt square squeeze stack
    std std_mean sub subtract sum swapaxes swapdims t take take_along_dim tan tanh tensor_split tensordot
    threshold tile to topk trace transpose tril triu true_divide trunc type_as unbind unflatten unfold unsqueeze
    upsample_bicubic2d upsample_bilinear2d upsample_linear1d upsample_nearest1d upsample_nearest2d
    upsample_nearest3d upsample_trilinear3d var var_mean vdot view view_as vsplit vstack where xlogy zeros
    zeros_like
"""
OPERATIONS = frozenset(_NAMES.split())
"""Their names, without the overload behind the dot."""


def allowed(target: str) -> bool:
    """Whether "aten.roll.default" is an operation that may run."""
    place, _, rest = target.partition(".")
    name, _, overload = rest.partition(".")
    plain = overload.replace("_", "").isalnum() and overload.isascii() and not overload.startswith("_")
    return place == "aten" and name in OPERATIONS and plain and not overload.endswith("out")
