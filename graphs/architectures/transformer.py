"""Networks of attention: GPT, which goes on with a text, and encoders, which read one as a whole."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from graphs.architectures.base import Architecture, Family, Paper, Published, variant
from graphs.architectures.draw import Drawing
from graphs.layers.base import setting

_GPT = "OpenAI's GPT-2 as in Hugging Face, whose tables of tokens and scores are one"
_SIZES: Mapping[str, tuple[int, int, int, int, int]] = {
    "gpt_mini": (65, 256, 6, 6, 384),
    "gpt2": (50_257, 1024, 12, 12, 768),
    "gpt2_medium": (50_257, 1024, 24, 16, 1024),
    "gpt2_large": (50_257, 1024, 36, 20, 1280),
}
"""Vocabulary, length, layers, heads and width of each variant."""
_AS_VARIANT = {"none": "as published"}


def _size(title: str, text: str, most: int, least: int = 1) -> Any:
    return setting(None, title, text, ge=least, le=most, extra=_AS_VARIANT)


class GPT(Architecture):
    name: ClassVar[str] = "gpt"
    title: ClassVar[str] = "GPT"
    family: ClassVar[Family] = "sequence"
    help: ClassVar[str] = (
        "A stack of causal attention: at each place a score for every token that may follow. "
        "The table of the tokens and the one of the scores are one."
    )
    paper: ClassVar[Paper] = Paper(
        "A. Radford, J. Wu, R. Child, D. Luan, D. Amodei, I. Sutskever",
        "Language Models are Unsupervised Multitask Learners", 2019,
        "https://cdn.openai.com/better-language-models/language_models_are_unsupervised_multitask_learners.pdf",
    )  # fmt: skip
    published: ClassVar[Mapping[str, Published]] = {
        "gpt_mini": Published(
            10_770_816,
            "by hand for d = 384: 65·d + 256·d + 6·(12·d² + 13·d) + 2·d, after nanoGPT's train_shakespeare_char",
        ),
        "gpt2": Published(124_439_808, _GPT),
        "gpt2_medium": Published(354_823_168, _GPT),
        "gpt2_large": Published(774_030_080, _GPT),
    }
    titles: ClassVar[Mapping[str, str]] = {
        "gpt_mini": "GPT, small", "gpt2": "GPT-2", "gpt2_medium": "GPT-2 medium", "gpt2_large": "GPT-2 large"
    }  # fmt: skip

    variant: Literal["gpt_mini", "gpt2", "gpt2_medium", "gpt2_large"] = variant(
        "gpt_mini", "How large it is; the small one is for letters.", titles
    )
    vocabulary: int | None = _size("Vocabulary", "How many different tokens there are.", 10_000_000, 2)
    length: int | None = _size("Length", "How many tokens it reads at a time.", 65536)
    layers: int | None = _size("Layers", "How many blocks are stacked.", 64)
    heads: int | None = _size("Heads", "How many times each block looks; they divide the width.", 1024)
    width: int | None = _size("Width", "How many numbers stand for one token.", 65536)
    dropout: float = setting(0.1, "Dropout", "The share dropped while training.", ge=0, le=1, extra={"step": 0.05})

    def draw(self, d: Drawing) -> None:
        usual = _SIZES[self.variant]
        asked = (self.vocabulary, self.length, self.layers, self.heads, self.width)
        vocabulary, length, layers, heads, width = (a or u for a, u in zip(asked, usual, strict=True))
        _mlp(d)
        help = "Attention to what came before, then two Linear; each is added to what comes in."
        with d.block("gpt", "Transformer block", help, width=768, heads=12, dropout=0.1) as b:
            x = b.input()
            look: dict[str, Any] = {"num_heads": "=heads", "causal": True, "dropout": "=dropout"}
            y = b.layer("MultiheadAttention", b.layer("LayerNorm", x, id="ln_1"), id="attn", **look)
            x = b.add(x, b.dropout(y, "=dropout", "drop"), id="sum_1")
            y = b.use("mlp", b.layer("LayerNorm", x, id="ln_2"), id="mlp", inner="=4*width", width="=width")
            b.output(b.add(x, b.dropout(y, "=dropout", "drop_2"), id="sum_2"))
        x = d.layer("TokensInput", id="tokens", name="Tokens", length=length, vocabulary=vocabulary)
        x = d.layer("Embedding", x, id="wte", num_embeddings=vocabulary, embedding_dim=width)
        x = d.dropout(d.layer("PositionalEmbedding", x, id="wpe"), self.dropout, "drop")
        x = d.use("gpt", x, id="h", width=width, heads=heads, dropout=self.dropout, repeat=layers)
        x = d.layer("LayerNorm", x, id="ln_f")
        d.output(d.linear(x, vocabulary, "lm_head", bias=False, last_axis=True), "Next token")
        d.tie("wte", "lm_head")


class TransformerEncoder(Architecture):
    name: ClassVar[str] = "transformer_encoder"
    title: ClassVar[str] = "Transformer encoder"
    family: ClassVar[Family] = "sequence"
    help: ClassVar[str] = "Every word looks at all others, several times; the mean of what they found gives the class."
    paper: ClassVar[Paper] = Paper(
        "A. Vaswani, N. Shazeer, N. Parmar, J. Uszkoreit, L. Jones, A. Gomez, Ł. Kaiser, I. Polosukhin",
        "Attention Is All You Need", 2017, "https://arxiv.org/abs/1706.03762",
    )  # fmt: skip
    published: ClassVar[Mapping[str, Published]] = {
        "encoder_small": Published(
            1_445_378, "by hand for d = 128, f = 512: V·d + 2·(4·d² + 2·d·f + 9·d + f) + 2·d + 2"
        ),
        "encoder_base": Published(
            24_035_330,
            "6 × 3,152,384 of nn.TransformerEncoderLayer(512, 8, 2048), the paper's base; + 10,000·512 + 1,026",
        ),
        "bert_base": Published(
            109_483_778, "Hugging Face: BertForSequenceClassification of bert-base-uncased with 2 labels"
        ),
        "albert_base": Published(
            11_685_122,
            "Hugging Face: AlbertForSequenceClassification of albert-base-v2 with 2 labels; 12 layers are one",
        ),
    }
    titles: ClassVar[Mapping[str, str]] = {
        "encoder_small": "Transformer encoder, small", "encoder_base": "Transformer encoder, base",
        "bert_base": "BERT base, classifier", "albert_base": "ALBERT base, classifier",
    }  # fmt: skip

    variant: Literal["encoder_small", "encoder_base", "bert_base", "albert_base"] = variant(
        "encoder_small",
        "How large it is; BERT reads the class off its first token, in ALBERT all layers are one.",
        titles,
    )
    vocabulary: int | None = _size("Vocabulary", "How many different words there are.", 10_000_000, 2)
    length: int | None = _size("Length", "How many words a text has.", 65536)
    classes: int = setting(2, "Classes", "How many classes are told apart.", ge=1, le=65536)
    layers: int | None = _size("Layers", "How many blocks are stacked.", 64)
    heads: int | None = _size("Heads", "How many times each block looks; they divide the width.", 1024)
    width: int | None = _size("Width", "How many numbers stand for one word.", 65536)
    inner: int | None = _size("Inner units", "How wide the two Linear of a block are between them.", 1_000_000)
    dropout: float = setting(0.1, "Dropout", "The share dropped while training.", ge=0, le=1, extra={"step": 0.05})

    def draw(self, d: Drawing) -> None:
        albert = self.variant == "albert_base"
        bert = self.variant == "bert_base" or albert
        usual = _ENCODERS[self.variant]
        asked = (self.vocabulary, self.length, self.layers, self.heads, self.width, self.inner)
        vocabulary, length, layers, heads, width, inner = (a or u for a, u in zip(asked, usual, strict=True))
        self._encoder(d, "GELU" if bert else "ReLU", 1e-12 if bert else 1e-5)
        text = d.layer("TokensInput", id="text", name="Text", length=length, vocabulary=vocabulary)
        table = 128 if albert else width
        x = d.layer("Embedding", text, id="words", num_embeddings=vocabulary, embedding_dim=table)
        if bert:
            parts = d.layer("TokensInput", id="parts", name="Part of the text", length=length, vocabulary=2)
            parts = d.layer("Embedding", parts, id="token_types", num_embeddings=2, embedding_dim=table)
            x = d.layer("PositionalEmbedding", d.add(x, parts, id="both"), id="places")
            x = d.layer("LayerNorm", x, id="norm", eps=1e-12)
        else:
            x = d.layer("PositionalEncoding", d.layer("Scale", x, id="scale", factor=width**0.5), id="places")
        x = d.dropout(x, self.dropout, "drop")
        x = d.linear(x, width, "mapping", last_axis=True) if albert else x
        given: dict[str, Any] = {"width": width, "heads": heads, "inner": inner, "dropout": self.dropout}
        x = d.use("encoder", x, id="encoder", repeat=layers, **given)
        for layer in range(1, layers if albert else 0):
            for part in ("attention", "norm_1", "mlp/fc_1", "mlp/fc_2", "norm_2"):
                d.tie(f"encoder/{layer}/{part}", f"encoder/0/{part}")
        if bert:
            first = d.layer("Slice", x, id="first", axis=1, end=1, drop=True)
            x = d.dropout(d.layer("Tanh", d.linear(first, width, "pooler"), id="tanh"), self.dropout, "drop_pooled")
        else:
            x = d.layer("Mean", x, id="mean", axes=[1])
        d.output(d.linear(x, self.classes, "classifier"))

    def _encoder(self, d: Drawing, bend: str, eps: float) -> None:
        _mlp(d, bend)
        help = "Attention to all words, then two Linear; each is added to what comes in, and normalised."
        with d.block("encoder", "Encoder block", help, width=512, heads=8, inner=2048, dropout=0.1) as b:
            x = b.input()
            y = b.layer("MultiheadAttention", x, id="attention", num_heads="=heads", dropout="=dropout")
            y = b.add(x, b.dropout(y, "=dropout", "drop_1"), id="sum_1")
            x = b.layer("LayerNorm", y, id="norm_1", eps=eps)
            y = b.use("mlp", x, id="mlp", inner="=inner", width="=width")
            y = b.add(x, b.dropout(y, "=dropout", "drop_2"), id="sum_2")
            b.output(b.layer("LayerNorm", y, id="norm_2", eps=eps))


_ENCODERS: Mapping[str, tuple[int, int, int, int, int, int]] = {
    "encoder_small": (8_192, 64, 2, 4, 128, 512),
    "encoder_base": (10_000, 256, 6, 8, 512, 2048),
    "bert_base": (30_522, 512, 12, 12, 768, 3072),
    "albert_base": (30_000, 512, 12, 12, 768, 3072),
}
"""Vocabulary, length, layers, heads, width and inner units of each variant."""


def _mlp(d: Drawing, bend: str = "GELU") -> None:
    with d.block("mlp", "Two Linear", "Works on each step by itself.", inner=2048, width=512) as b:
        x = b.layer(bend, b.linear(b.input(), "=inner", "fc_1", last_axis=True), id="bend")
        b.output(b.linear(x, "=width", "fc_2", last_axis=True))
