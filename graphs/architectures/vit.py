"""ViT: a picture as a series of patches, read by a Transformer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

from graphs.architectures.base import Paper, Picture, Published, torchvision, variant
from graphs.architectures.draw import Drawing

_SHAPES: Mapping[str, tuple[int, int, int, int, int]] = {
    "vit_b_16": (16, 12, 12, 768, 3072),
    "vit_b_32": (32, 12, 12, 768, 3072),
    "vit_l_16": (16, 24, 16, 1024, 4096),
    "vit_l_32": (32, 24, 16, 1024, 4096),
}
"""Side of a patch, layers, heads, features, features inside."""


class VisionTransformer(Picture):
    name: ClassVar[str] = "vit"
    title: ClassVar[str] = "Vision Transformer"
    help: ClassVar[str] = (
        "Patches of a picture are words; each attends to all others, and one more stands for the whole."
    )
    paper: ClassVar[Paper] = Paper(
        "A. Dosovitskiy, L. Beyer, A. Kolesnikov, D. Weissenborn, X. Zhai, T. Unterthiner, M. Dehghani and others",
        "An Image is Worth 16x16 Words: Transformers for Image Recognition at Scale", 2020,
        "https://arxiv.org/abs/2010.11929",
    )  # fmt: skip
    published: ClassVar[Mapping[str, Published]] = {
        "vit_b_16": torchvision("ViT_B_16", 86_567_656, 17.564),
        "vit_b_32": torchvision("ViT_B_32", 88_224_232, 4.409),
        "vit_l_16": torchvision("ViT_L_16", 304_326_632, 61.555),
        "vit_l_32": torchvision("ViT_L_32", 306_535_400, 15.378),
    }
    titles: ClassVar[Mapping[str, str]] = {
        name: f"ViT-{name[4].upper()}/{name[-2:]}" for name in _SHAPES
    }  # fmt: skip
    torchvision: ClassVar[frozenset[str]] = frozenset(_SHAPES)

    variant: Literal["vit_b_16", "vit_b_32", "vit_l_16", "vit_l_32"] = variant(
        "vit_b_16", "Base or large, and the side of a patch.", titles
    )

    def draw(self, d: Drawing) -> None:
        patch, depth, heads, features, inside = _SHAPES[self.variant]
        _layer(d, heads, features, inside)
        with d.block("layers", f"{depth} layers") as b:
            x = b.input()
            for place in range(depth):
                x = b.use("layer", x, id=f"encoder_layer_{place}")
            b.output(x)
        with d.block("encoder", "Encoder", "Every patch learns where it stands; then layers of attention.") as b:
            x = b.layer("PositionalEmbedding", b.input(), id="pos_embedding")
            b.output(b.layer("LayerNorm", b.use("layers", x, id="layers"), id="ln", eps=1e-6))
        with d.block("heads", "Head", "The first step stands for the whole picture.", classes=1000) as b:
            x = b.layer("Slice", b.input(), id="first", axis=1, start=0, end=1, drop=True)
            b.output(b.linear(x, "=classes", "head"))
        x = d.layer("PatchEmbedding", self.image(d), id="conv_proj", patch_size=patch, features=features)
        x = d.use("encoder", d.layer("ClassToken", x, id="class_token"), id="encoder")
        d.output(d.use("heads", x, id="heads", classes=self.classes))

    def weights_map(self) -> tuple[tuple[str, str], ...]:
        tokens = (r"^class_token$", "class_token.weight"), (r"^encoder\.pos_embedding$", "encoder.pos_embedding.weight")
        older = (r"\.mlp\.linear_1\.", ".mlp.0."), (r"\.mlp\.linear_2\.", ".mlp.3.")
        return *tokens, *older


def _layer(d: Drawing, heads: int, features: int, inside: int) -> None:
    with d.block("mlp", "Two layers", "At each step by itself.") as b:
        x = b.layer("GELU", b.linear(b.input(), inside, "0", last_axis=True), id="1")
        b.output(b.linear(x, features, "3", last_axis=True))
    with d.block("layer", "Encoder layer", "Attention, then two layers; both are added to what came in.") as b:
        x = b.input()
        y = b.layer(
            "MultiheadAttention", b.layer("LayerNorm", x, id="ln_1", eps=1e-6), id="self_attention", num_heads=heads
        )
        x = b.add(y, x, id="sum1")
        y = b.use("mlp", b.layer("LayerNorm", x, id="ln_2", eps=1e-6), id="mlp")
        b.output(b.add(x, y, id="sum2"))
