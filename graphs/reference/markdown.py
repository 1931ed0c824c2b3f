"""Pieces of Markdown as GitHub shows it: headings with anchors, tables, pictures for both themes, formulas."""

from __future__ import annotations

from collections.abc import Sequence

from graphs.cards.maths import Box, Fraction, Root, Row, Scripts, parse
from graphs.cards.maths import Text as Signs

GREEK = {
    "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "varepsilon", "η": "eta", "θ": "theta", "κ": "kappa",
    "λ": "lambda", "μ": "mu", "ν": "nu", "π": "pi", "ρ": "rho", "σ": "sigma", "τ": "tau", "φ": "varphi", "χ": "chi",
    "ψ": "psi", "ω": "omega", "Δ": "Delta", "Φ": "Phi", "Σ": "Sigma", "Ω": "Omega",
}  # fmt: skip
SIGNS = {
    "∑": r"\sum", "∏": r"\prod", "max": r"\max", "min": r"\min", "·": r"\cdot ", "×": r"\times ", "⌊": r"\lfloor ",
    "⌋": r"\rfloor ", "⌈": r"\lceil ", "⌉": r"\rceil ", "≥": r"\ge ", "≤": r"\le ", "−": "-", "∈": r"\in ",
    "…": r"\dots ", "⊙": r"\odot ", "≈": r"\approx ", "→": r"\to ", "≠": r"\ne ", "∗": "*", "⊕": r"\oplus ",
    "∞": r"\infty ", "%": r"\%", "#": r"\#", "&": r"\&", "{": r"\{", "}": r"\}", "′": "'", "½": r"\tfrac{1}{2}",
    "±": r"\pm ", "_": r"\_", "∣": r"\mid ", "‖": r"\Vert ", "ᵀ": r"^{\top}", "⟨": r"\langle ", "⟩": r"\rangle ",
    "∥": r"\Vert ", "∘": r"\circ ", "√": r"\surd ",
}  # fmt: skip


def latex(markup: str) -> str:
    """A formula of the help cards for TeX."""
    return _latex(parse(markup)).strip()


def _latex(box: Box) -> str:
    if isinstance(box, Signs):
        return _signs(box)
    if isinstance(box, Row):
        return "".join(_latex(part) for part in box.parts)
    if isinstance(box, Fraction):
        return rf"\frac{{{_latex(box.top)}}}{{{_latex(box.bottom)}}}"
    if isinstance(box, Root):
        return rf"\sqrt{{{_latex(box.inside)}}}"
    assert isinstance(box, Scripts)
    below = f"_{{{_latex(box.below)}}}" if box.below is not None else ""
    above = f"^{{{_latex(box.above)}}}" if box.above is not None else ""
    return f"{_latex(box.base)}{below}{above} "


def _signs(box: Signs) -> str:
    if box.text in SIGNS:
        return SIGNS[box.text]
    if len(box.text) > 1 and box.text.isascii() and box.text.isalpha():
        return rf"\mathrm{{{box.text}}}"
    return "".join(rf"\{GREEK[sign]} " if sign in GREEK else SIGNS.get(sign, sign) for sign in box.text)


def formula(lines: Sequence[str]) -> str:
    """Formulas, a line each, as GitHub sets them."""
    return "\n\n".join(f"```math\n{latex(line)}\n```" for line in lines)


def table(header: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[int] = ()) -> str:
    """A table; the columns `right` are set flush right. Nothing where there are no rows."""
    if not rows:
        return ""
    rule = ["---:" if column in right else "---" for column in range(len(header))]
    lines = [header, rule, *rows]
    return "\n".join(f"| {' | '.join(_cell(cell) for cell in line)} |" for line in lines)


def picture(name: str, alt: str) -> str:
    """The picture NAME.svg; `alt` says what it shows."""
    return f"![{alt.replace('[', '(').replace(']', ')')}]({name}.svg)"


def link(words: str, target: str) -> str:
    """Words that lead somewhere; plain ones where there is no target."""
    return f"[{words}]({target})" if target else words


def paragraphs(*parts: str) -> str:
    """Parts with a line between them; empty ones are left out."""
    return "\n\n".join(part for part in parts if part) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
