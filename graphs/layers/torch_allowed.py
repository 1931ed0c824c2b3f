"""The operations of torch.ops.aten that a node may stand for, overload by overload.

All of them give new tensors from tensors and numbers: none writes into what it is given, opens a file, hands out memory
that nobody filled, or gives a result whose size depends on the numbers that come in. The names were chosen by hand, the
overloads by their schemas and tags in PyTorch 2 (`tests/graphs/layers/test_torch_allowed.py` says how).
"""

from __future__ import annotations

from collections.abc import Mapping

_ALLOWED = """
    _adaptive_avg_pool2d _log_softmax _softmax _to_copy _unsafe_view _weight_norm abs absolute acos acosh
    adaptive_avg_pool1d adaptive_avg_pool2d adaptive_avg_pool3d adaptive_max_pool1d adaptive_max_pool2d
    adaptive_max_pool3d add:Scalar,Tensor addbmm addcdiv addcmul addmm:default,dtype addmv addr adjoint
    affine_grid_generator alias all:default,dim,dims alpha_dropout amax amin aminmax any:default,dim,dims
    arange:default,start,start_step arccos arccosh arcsin arcsinh arctan arctan2 arctanh argmax argmin
    argsort:default,stable asin asinh atan atan2 atanh atleast_1d:Sequence,default atleast_2d:Sequence,default
    atleast_3d:Sequence,default avg_pool1d avg_pool2d avg_pool3d baddbmm:default,dtype batch_norm
    bernoulli:Tensor,default,p bilinear bitwise_and:Scalar,Scalar_Tensor,Tensor
    bitwise_left_shift:Scalar_Tensor,Tensor,Tensor_Scalar bitwise_not bitwise_or:Scalar,Scalar_Tensor,Tensor
    bitwise_right_shift:Scalar_Tensor,Tensor,Tensor_Scalar bitwise_xor:Scalar,Scalar_Tensor,Tensor block_diag
    bmm:default,dtype broadcast_tensors broadcast_to bucketize:Scalar,Tensor cat cdist ceil celu chain_matmul
    channel_shuffle chunk clamp:Tensor,default clamp_max:Tensor,default clamp_min:Tensor,default
    clip:Tensor,default clone col2im column_stack concat concatenate constant_pad_nd contiguous
    conv1d:default,padding conv2d:default,padding conv3d:default,padding conv_transpose1d conv_transpose2d:input
    conv_transpose3d:input convolution copysign:Scalar,Tensor cos cosh cosine_similarity
    count_nonzero:default,dim_IntList cross cummax cummin cumprod cumsum deg2rad detach_copy diag diag_embed
    diagflat diagonal diagonal_scatter diff digamma dist div:Scalar,Scalar_mode,Tensor,Tensor_mode
    divide:Scalar,Scalar_mode,Tensor,Tensor_mode dot dropout dsplit:array,int dstack einsum:default,sublist elu
    embedding eq:Scalar,Tensor erf erfc erfinv exp exp2 expand expand_as expand_copy expm1 eye:default,m
    feature_alpha_dropout feature_dropout fix flatten:using_ints flip fliplr flipud
    float_power:Scalar,Tensor_Scalar,Tensor_Tensor floor floor_divide:Scalar,default fmax fmin fmod:Scalar,Tensor
    frac frexp:Tensor frobenius_norm:dim full full_like gather gcd ge:Scalar,Tensor gelu ger glu
    greater:Scalar,Tensor greater_equal:Scalar,Tensor grid_sampler grid_sampler_2d group_norm gru:input
    gt:Scalar,Tensor hardshrink hardsigmoid hardswish hardtanh heaviside hsplit:array,int hstack hypot i0 igamma
    igammac im2col index:Tensor index_add index_fill:int_Scalar,int_Tensor index_put index_select inner
    instance_norm isclose isfinite isin:Scalar_Tensor,Tensor_Scalar,Tensor_Tensor isinf isnan isneginf isposinf
    kron kthvalue layer_norm lcm ldexp:Tensor le:Scalar,Tensor leaky_relu lerp:Scalar,Tensor less:Scalar,Tensor
    less_equal:Scalar,Tensor lgamma lift_fresh lift_fresh_copy linalg_cross linalg_diagonal linalg_matmul
    linalg_matrix_norm:default,str_ord linalg_norm:default,ord_str linalg_vecdot linalg_vector_norm linear
    linspace:Scalar_Tensor,Tensor_Scalar,Tensor_Tensor,default log log10 log1p log2 log_sigmoid log_softmax:int
    logaddexp logaddexp2 logcumsumexp logical_and logical_not logical_or logical_xor logit
    logspace:Scalar_Tensor,Tensor_Scalar,Tensor_Tensor,default logsumexp lstm:input lstm_cell lt:Scalar,Tensor
    masked_fill:Scalar,Tensor matmul matrix_H:a,default max:default,dim,other max_pool1d max_pool1d_with_indices
    max_pool2d max_pool2d_with_indices max_pool3d max_pool3d_with_indices max_unpool2d max_unpool3d maximum
    mean:default,dim meshgrid:default,indexing mH:a,default min:default,dim,other minimum mish mm:default,dtype
    moveaxis:int,intlist movedim:int,intlist msort mT:a,default mul:Scalar,Tensor multiply:Scalar,Tensor mv
    mvlgamma nan_to_num nanmean nansum narrow:Tensor,default native_batch_norm native_channel_shuffle
    native_group_norm native_layer_norm ne:Scalar,Tensor neg negative new_full new_ones new_zeros nextafter
    norm:Scalar,ScalarOpt_dim,ScalarOpt_dim_dtype,ScalarOpt_dtype not_equal:Scalar,Tensor one_hot ones ones_like
    outer pad pairwise_distance permute pixel_shuffle pixel_unshuffle polygamma positive
    pow:Scalar,Tensor_Scalar,Tensor_Tensor prelu prod:default,dim_int rad2deg rand_like:default,generator
    randn_like:default,generator ravel reciprocal reflection_pad1d reflection_pad2d reflection_pad3d relu relu6
    remainder:Scalar,Scalar_Tensor,Tensor renorm repeat repeat_interleave:self_int replication_pad1d
    replication_pad2d replication_pad3d reshape reshape_as rms_norm rnn_relu:input rnn_relu_cell rnn_tanh:input
    rnn_tanh_cell roll rot90 round:decimals,default row_stack rrelu rsqrt rsub:Scalar,Tensor scalar_tensor
    scaled_dot_product_attention scatter:reduce,src,value,value_reduce scatter_add scatter_reduce:two
    searchsorted:Scalar,Tensor select:int select_scatter selu sigmoid sign signbit silu sin sinc sinh slice:Tensor
    slice_scatter softmax:int softplus softshrink sort:default,stable sorted:Tensor special_digamma special_entr
    special_erf special_erfc special_erfcx special_erfinv special_exp2 special_expit special_expm1 special_gammainc
    special_gammaincc special_gammaln special_i0 special_i0e special_i1 special_i1e special_log1p special_log_ndtr
    special_log_softmax special_logit special_logsumexp special_multigammaln special_ndtr special_ndtri
    special_polygamma special_psi special_round special_sinc special_softmax
    special_xlog1py:default,other_scalar,self_scalar special_xlogy:default,other_scalar,self_scalar
    special_zeta:default,other_scalar,self_scalar split:Tensor,default,sizes split_with_sizes sqrt square
    squeeze:default,dim,dims stack std:correction,default,dim std_mean:correction,default,dim sub:Scalar,Tensor
    subtract:Scalar,Tensor sum:default,dim_IntList swapaxes swapdims t take take_along_dim tan tanh
    tensor_split:indices,sections tensordot threshold tile to:device,dtype,dtype_layout,other topk trace
    transpose:int tril triu true_divide:Scalar,Tensor trunc type_as unbind:int unflatten:int unfold unsqueeze
    upsample_bicubic2d:default,vec upsample_bilinear2d:default,vec upsample_linear1d:default,vec
    upsample_nearest1d:default,vec upsample_nearest2d:default,vec upsample_nearest3d:default,vec
    upsample_trilinear3d:default,vec var:correction,default,dim var_mean:correction,default,dim vdot
    view:default,dtype view_as vsplit:array,int vstack where:Scalar,ScalarOther,ScalarSelf,default,self
    xlogy:Scalar_Other,Scalar_Self,Tensor zeros zeros_like
"""
"""Names; behind a colon the overloads, where it is not "default" alone."""


def _overloads(word: str) -> tuple[str, frozenset[str]]:
    name, _, overloads = word.partition(":")
    return name, frozenset(overloads.split(",") if overloads else ("default",))


OVERLOADS: Mapping[str, frozenset[str]] = dict(map(_overloads, _ALLOWED.split()))
"""The overloads that may run, by the name of the operation."""
OPERATIONS = frozenset(OVERLOADS)
"""Their names, without the overload behind the dot."""


def allowed(target: str) -> bool:
    """Whether "aten.roll.default" is an operation that may run."""
    place, _, rest = target.partition(".")
    name, _, overload = rest.partition(".")
    return place == "aten" and overload in OVERLOADS.get(name, ())
