"""Expressions: Python's own arithmetic on what the grammar allows, one clear sentence on everything else."""

import random
import re

import pytest

from graphs.meaning.expressions import (
    DEPTH,
    LENGTH,
    LIMIT,
    MOST_NAMES,
    ExpressionFault,
    evaluate,
    expressions_in,
    hyperparameters,
    is_expression,
    name_fault,
    names_in,
    resolve_fields,
    substituted,
)

NAMES = {"width": 32, "depth": 4, "rate": 0.25, "_x1": -3}
CALLS = {"min": min, "max": max, "round": round}


def _generated(random_: random.Random, depth: int) -> str:
    """An expression of the grammar, with brackets and spaces as they come."""
    if depth == 0 or random_.random() < 0.2:
        return random_.choice([*NAMES, str(random_.randrange(100)), "0.5", "1e-3", ".25", "2.", "3E2"])
    part = lambda: _generated(random_, depth - 1)  # noqa: E731
    shape = random_.randrange(10)
    if shape < 6:
        return f"{part()}{random_.choice(['', ' '])}{random_.choice(['+', '-', '*', '/', '//', '%', '**'])} {part()}"
    if shape < 8:
        return f"({part()})"
    return (
        f"-{part()}"
        if shape == 8
        else f"{random_.choice(list(CALLS))}({part()})".replace("min(", f"min({part()}, ").replace(
            "max(", f"max({part()}, "
        )
    )


def test_python_agrees_on_generated_expressions():
    random_, agreed = random.Random(7), 0
    for _ in range(4000):
        text = _generated(random_, random_.randrange(5))
        try:
            mine = evaluate(text, NAMES)
        except ExpressionFault:
            continue
        expected = eval(text, {"__builtins__": {}}, {**NAMES, **CALLS})  # noqa: S307 - the reference, on text made above
        assert mine == expected and type(mine) is type(expected), text
        agreed += 1
    assert agreed > 2000


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2**7", 128), ("=64*2", 128), ("-2**2", -4), ("2**-1", 0.5), ("2**3**2", 512), ("1e-3", 0.001), ("7//2", 3),
        ("-7 % 3", 2), ("sqrt(16)", 4.0), ("ceil(width/10)", 4), ("floor(2.9)", 2), ("round(2.5)", 2),
        ("min(width, 8, depth)", 4), ("max(3)", 3), ("2*(width+1)", 66), ("- -3", 3), ("10**12", LIMIT),
    ],
)  # fmt: skip
def test_what_people_type(text, value):
    assert evaluate(text, NAMES) == value


HOSTILE = {
    "9**9**9": "exponent",
    "9**99": "exponent",
    "2**64": "too large",
    "1e999": "too large",
    "9" * 150: "too large",
    "1" * (LENGTH + 1): f"{LENGTH}",
    "(" * 90 + "1" + ")" * 90: f"{DEPTH} deep",
    "-" * 150 + "1": f"{DEPTH} deep",
    "**".join("1" * 60): f"{DEPTH} deep",
    "min(" * 45 + "1": f"{DEPTH} deep",
    "1/0": "zero",
    "0**-1": "zero",
    "5 % 0": "zero",
    "(-8)**0.5": "no such power",
    "sqrt(-1)": "square root",
    "width.real": "“.”",
    "().__class__": "“.”",
    "open(1)": "no function",
    "__import__(1)": "no function",
    "min": "brackets",
    "sqrt(1, 2)": "one number",
    "1 2": "missing before “2”",
    "2 width": "missing",
    "3×5": "write *",
    "2^7": "write **",
    "5−2": "write -",
    "wіdth": "“і”",
    "ｗidth": "“ｗ”",
    "٣": "“٣”",
    "width\u200b": "invisible",
    "": "needed",
    "   ": "needed",
    "2+": "not finished",
    "(1": "not closed",
    "1)": "never opened",
    "1,5": "decimals",
    "lambda: 1": "“:”",
    "[1]": "“[”",
    "'a'": "“'”",
    "a=1": "“=”",
    "1;2": "“;”",
    "\x00": "invisible",
    "nan": "no “nan”",
    "1 if 1 else 2": "missing before “if”",
    "1_000": "missing before “_000”",
    "*2": "before “*”",
    "max()": "before “)”",
}


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: repr(text[:20]))
def test_hostile_text_gives_one_clear_sentence(text):
    with pytest.raises(ExpressionFault, match=re.escape(HOSTILE[text])) as caught:
        evaluate(text, NAMES)
    sentence = str(caught.value)
    assert sentence.endswith((".", "?")) and sentence.count(". ") == 0 and len(sentence) < 160
    names_in(text)


def test_random_characters_never_raise_anything_else():
    random_ = random.Random(3)
    signs = "0123456789.e+-*/%(), widthmax=_[]{}'\"\\×\u200b\n\t√²"
    for _ in range(3000):
        text = "".join(random_.choices(signs, k=random_.randrange(30)))
        names_in(text)
        try:
            assert abs(evaluate(text, NAMES)) <= LIMIT
        except ExpressionFault as fault:
            assert str(fault)


def test_an_unknown_name_says_which_are_near_or_there():
    with pytest.raises(ExpressionFault, match="did you mean width"):
        evaluate("widht*2", NAMES)
    with pytest.raises(ExpressionFault, match="there are width, depth, rate, _x1"):
        evaluate("qqq", NAMES)
    with pytest.raises(ExpressionFault, match="no names are defined yet"):
        evaluate("qqq", {})
    with pytest.raises(ExpressionFault, match="has no value itself"):
        evaluate("lost", {"lost": None})


def test_names_are_found_and_renamed_and_nothing_else_is_touched():
    assert names_in("=width*2 + min(depth, width) + 1e5") == ("width", "depth")
    assert substituted("= width*2 + widths + max(width,1)", {"width": "w"}) == "= w*2 + widths + max(w,1)"
    assert substituted("=1e5+e5", {"e5": "x"}) == "=1e5+x"


def test_fields_are_resolved_where_they_hold_expressions():
    fields = {"filters": "=width*2", "kernel": ["=depth+1", 3], "padding": "same", "bias": True, "size": None}
    assert resolve_fields(fields, NAMES) == {
        "filters": 64, "kernel": [5, 3], "padding": "same", "bias": True, "size": None,
    }  # fmt: skip
    assert expressions_in(fields["kernel"]) == ("=depth+1",)
    assert is_expression("=1") and not is_expression("same") and not is_expression(1)
    with pytest.raises(ExpressionFault) as caught:
        resolve_fields({"good": 1, "bad": [["=nope"]]}, NAMES)
    assert caught.value.field == "bad"


def test_hyperparameters_follow_one_another_whatever_their_order():
    found = hyperparameters({"big": "=width*depth", "width": 32, "depth": "=width/8"})
    assert found.values == {"big": 128, "width": 32, "depth": 4} and list(found.values) == ["big", "width", "depth"]
    assert not found.faults
    chain = {"x0": 1, **{f"x{i}": f"=x{i - 1}+1" for i in range(1, MOST_NAMES)}}
    assert hyperparameters(dict(reversed(chain.items()))).values[f"x{MOST_NAMES - 1}"] == MOST_NAMES


def test_circles_and_nonsense_among_hyperparameters_are_refused_in_words():
    found = hyperparameters({"a": "=b+1", "b": "=a", "s": "=s", "after": "=a*2", "fine": 3, "e": "=nope"})
    assert found.values == {"a": None, "b": None, "s": None, "after": None, "fine": 3, "e": None}
    assert "a → b → a" in found.faults["a"] and found.faults["s"] == "It needs itself: s → s."
    assert found.faults["after"] == "“a” has no value itself." and "fine" not in found.faults
    odd = {"max": 1, "9": 1, "": 1, "x" * 50: 1, "list": [1], "text": "12", "yes": True, "inf": float("inf"), 5: 1}
    assert set(hyperparameters(odd).faults) == set(odd)
    for section in (None, [], "text", 3):
        assert hyperparameters(section) == ({}, {})


def test_every_circle_is_found_at_once_and_names_beyond_the_most_have_no_value():
    names = [f"x{i}" for i in range(MOST_NAMES)]
    tangle = {name: f"=min({','.join(random.Random(i).sample(names, 20))})" for i, name in enumerate(names)}
    assert all("needs itself" in fault for fault in hyperparameters(tangle).faults.values())
    pairs = {f"x{i}": f"=x{i ^ 1}" for i in range(MOST_NAMES)} | {"late": 3}
    found = hyperparameters(pairs)
    assert found.faults["x7"] in ("It needs itself: x6 → x7 → x6.", "It needs itself: x7 → x6 → x7.")
    assert found.values["late"] is None and str(MOST_NAMES) in found.faults["late"]


def test_names_of_hyperparameters():
    assert not name_fault("width") and not name_fault("w_2")
    assert all(name_fault(name) for name in ("", "2w", "_w", "a b", "a-b", "min", "same", "wіdth", "x" * 41))
