import random
from itertools import combinations, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphs.network import End, Network, Node, Wire
from graphs.placing import layout
from graphs.placing.layered.rows import CUT, cut_rows
from graphs.placing.layout import Cancelled, arrange

SIZE = (140.0, 80.0)


def network(*chains: str) -> Network:
    """A network of chains such as "a b c": a feeds b, b feeds c."""
    nodes: dict[str, Node] = {}
    wires: list[Wire] = []
    for chain in chains:
        names = chain.split()
        nodes.update({n: Node(n, "ReLU") for n in names})
        wires += [Wire(End(a, "out"), End(b, f"in{len(wires)}{a}")) for a, b in pairwise(names)]
    return Network.of(list(nodes.values()), wires)


def chain(length: int) -> Network:
    return network(" ".join(f"n{i}" for i in range(length)))


def centre(points: dict[str, tuple[float, float]], node: str) -> float:
    return points[node][1] + SIZE[1] / 2


def test_a_chain_is_a_straight_row() -> None:
    points = arrange(chain(12), {})
    assert {y for _, y in points.values()} == {0.0}
    xs = [points[f"n{i}"][0] for i in range(12)]
    assert xs == sorted(xs)
    assert len(set(xs)) == 12


def test_wires_are_level_whatever_the_heights() -> None:
    sizes = {"n0": (90.0, 100.0), "n1": (150.0, 61.0), "n2": (120.0, 200.0)}
    points = arrange(chain(3), sizes)
    assert len({points[i][1] + sizes[i][1] / 2 for i in sizes}) == 1
    with_lines = arrange(chain(3), sizes, lines=dict.fromkeys(sizes, 20.0))
    assert {y for _, y in with_lines.values()} == {0.0}
    assert points["n1"][0] == 90 + layout.COLUMN_GAP


def test_long_chains_go_on_in_the_next_row() -> None:
    points = arrange(chain(11), {}, wrap_width=1200)
    rows = sorted({y for _, y in points.values()})
    assert [sum(p[1] == y for p in points.values()) for y in rows] in ([6, 5], [5, 6])
    assert min(x for x, _ in points.values()) == 0
    assert max(x for x, _ in points.values()) + SIZE[0] <= 1200


def test_rows_end_between_blocks_not_inside_a_branch() -> None:
    blocks = [f"b{i} c{i}_1 c{i}_2 b{i + 1}" for i in range(3)]
    skips = [f"b{i} b{i + 1}" for i in range(3)]
    points = arrange(network(*blocks, *skips), {}, wrap_width=900)
    for block in range(3):
        inner = [points[f"c{block}_{i}"][1] for i in (1, 2)]
        assert inner[0] == inner[1]


def test_a_wide_row_is_better_than_cutting_a_branch() -> None:
    assert cut_rows([100] * 6, 0, [0, 1, 5, 5, 1, 1], 300) in ([0, 1, 4], [0, 4])


def test_a_skip_runs_straight_and_the_branch_hangs_below() -> None:
    points = arrange(network("start a b c add end", "start add"), {})
    assert centre(points, "start") == centre(points, "add") == centre(points, "end")
    below = {points[n][1] for n in "abc"}
    assert len(below) == 1
    assert below.pop() >= SIZE[1] / 2  # so that the skip passes above them


def test_a_u_net_looks_like_a_u() -> None:
    points = arrange(network("in e1 p1 e2 p2 m u2 d2 u1 d1 out", "e1 d1", "e2 d2"), {})
    levels = [centre(points, n) for n in ("e1", "e2", "m")]
    assert levels == sorted(set(levels))
    assert centre(points, "e1") == centre(points, "d1")
    assert centre(points, "e2") == centre(points, "d2")


def test_equal_branches_stand_around_the_middle() -> None:
    points = arrange(network("in a1 a2 cat out", "in b1 b2 cat", "in c1 c2 cat"), {})
    assert centre(points, "in") == centre(points, "b1") == centre(points, "b2") == centre(points, "cat")
    assert len({points[n][1] for n in ("a1", "b1", "c1")}) == 3


def test_a_second_input_stands_next_to_what_it_feeds() -> None:
    points = arrange(network("x a b c d add out", "y e add"), {})
    assert points["e"][0] == points["d"][0]
    assert points["y"][0] == points["c"][0]


def test_cycles_parts_and_single_nodes() -> None:
    net = network("a b c a", "p q", "s", "t", "u")
    points = arrange(net, {})
    assert set(points) == set(net.nodes)
    _assert_apart(points)


def test_a_selection_keeps_its_corner_and_leaves_the_rest() -> None:
    net = network("a b c d")
    moved = Network({i: Node(i, "ReLU", position=(500 + 10 * k, 300 - k)) for k, i in enumerate(net.nodes)}, net.wires)
    points = arrange(moved, {}, ["b", "c", "nobody"])
    assert points == {"b": (510.0, 298.0), "c": (510.0 + SIZE[0] + layout.COLUMN_GAP, 298.0)}
    assert arrange(moved, {}, []) == {}
    assert arrange(Network(), {}) == {}


def test_positions_and_order_of_creation_do_not_matter() -> None:
    net = network("in a1 a2 cat out", "in b1 cat", "in cat")
    shuffled = list(net.nodes.values())
    random.Random(1).shuffle(shuffled)
    wires = dict(reversed(net.wires.items()))
    moved = Network({n.id: Node(n.id, "ReLU", position=(7, 9)) for n in shuffled}, wires)
    assert arrange(moved, {}) == arrange(net, {})


def test_it_can_be_cancelled() -> None:
    asked: list[int] = []

    def cancel() -> bool:
        asked.append(1)
        return len(asked) > 3

    with pytest.raises(Cancelled):
        arrange(network("in a b out", "in c d e out", "in out"), {}, cancel=cancel)


def test_five_thousand_nodes() -> None:
    numbers = random.Random(3)
    net = network(*(f"n{max(0, i - 1 - numbers.randrange(12))} n{i}" for i in range(1, 5000)))
    points = arrange(net, {}, wrap_width=4000)
    assert len(points) == 5000
    assert len(set(points.values())) == 5000


pairs = st.lists(st.tuples(st.integers(0, 11), st.integers(0, 11)), max_size=24)


@given(pairs, st.sampled_from([None, 300.0, 800.0]))
@settings(max_examples=200, deadline=None, derandomize=True)
def test_nodes_never_overlap(edges: list[tuple[int, int]], wrap: float | None) -> None:
    net = network(*(f"n{a} n{b}" for a, b in edges), "n0")
    points = arrange(net, {}, wrap_width=wrap)
    assert set(points) == set(net.nodes)
    _assert_apart(points)


@given(pairs)
@settings(max_examples=100, deadline=None, derandomize=True)
def test_data_flows_to_the_right(edges: list[tuple[int, int]]) -> None:
    net = network(*(f"n{a} n{b}" for a, b in edges if a < b), "n0")
    points = arrange(net, {})
    assert all(points[w.source.node][0] < points[w.target.node][0] for w in net.wires.values())


def _assert_apart(points: dict[str, tuple[float, float]]) -> None:
    for (a, (ax, ay)), (b, (bx, by)) in combinations(points.items(), 2):
        apart = abs(ax - bx) >= SIZE[0] or abs(ay - by) >= SIZE[1]
        assert apart, f"{a} and {b} overlap"


rows = st.lists(st.tuples(st.integers(8, 400), st.integers(0, 4)), min_size=1, max_size=30)


@given(rows, st.sampled_from([100.0, 500.0, 1200.0]))
@settings(max_examples=100, deadline=None, derandomize=True)
def test_rows_are_cut_where_it_costs_least(columns: list[tuple[int, int]], width: float) -> None:
    widths, crossing = [float(w) for w, _ in columns], [c for _, c in columns]

    def cost(cuts: list[int]) -> float:
        whole = 0.0
        for first, end in zip(cuts, [*cuts[1:], len(widths)], strict=True):
            unused = (width - sum(widths[first:end]) - 72.0 * (end - first - 1)) / width
            whole += unused**2 if unused >= 0 else 20 * unused**2
            whole += CUT * max(crossing[first] - 1, 0) if first else 0.0
        return whole

    found = cut_rows(widths, 72.0, crossing, width)
    assert found[0] == 0 and found == sorted(set(found))
    others = [
        [0, *(n for n in range(1, len(widths)) if numbers.random() < 0.3)] for numbers in map(random.Random, range(40))
    ]
    assert all(cost(found) <= cost(other) + 1e-9 for other in others if _reachable(other, widths, width))


def _reachable(cuts: list[int], widths: list[float], width: float) -> bool:
    """Whether no row is longer than is ever tried."""
    ends = [*cuts[1:], len(widths)]
    return all(
        sum(widths[a:b]) + 72.0 * (b - a - 1) <= 4 * width or b - a == 1 for a, b in zip(cuts, ends, strict=True)
    )


def test_large_layouts_ask_often_whether_they_are_wanted() -> None:
    asked: list[int] = []
    arrange(chain(600), {}, wrap_width=4000, cancel=lambda: bool(asked.append(1)))
    assert len(asked) > 600
