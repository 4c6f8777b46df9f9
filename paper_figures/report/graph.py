"""Which claim uses which, drawn as SVG: every claim stands to the right of those that it uses."""

from typing import NamedTuple

WIDTH, HEIGHT, COLUMN, ROW, MARGIN = 140, 24, 162, 32, 4


class Node(NamedTuple):
    id: str
    verdict: str
    x: int
    y: int


class Graph(NamedTuple):
    """Nodes with the place of their upper left corner, and edges as paths of SVG."""

    nodes: list[Node]
    edges: list[str]
    width: int
    height: int


def layout(depends: dict[str, list[str]], verdicts: dict[str, str]) -> Graph:
    """Place the claims that use another or are used.

    Args:
        depends: the claims that each claim uses; there must be no circle.
        verdicts: each claim's verdict.
    """
    shown = {name for name, used in depends.items() if used} | {one for used in depends.values() for one in used}
    columns: list[list[str]] = []
    for name in depends:
        if name in shown:
            place = _depth(name, depends)
            columns += [[] for _ in range(place + 1 - len(columns))]
            columns[place].append(name)
    _order(columns, depends)
    places = {}
    for x, column in enumerate(columns):
        free = (max(map(len, columns)) - len(column)) * ROW // 2
        places |= {name: (MARGIN + x * COLUMN, MARGIN + free + y * ROW) for y, name in enumerate(column)}
    nodes = [Node(name, verdicts[name], *place) for name, place in places.items()]
    edges = [_edge(places[used], places[name]) for name in places for used in depends[name]]
    size = (len(columns) - 1) * COLUMN + WIDTH + 2 * MARGIN, max(map(len, columns)) * ROW + 2 * MARGIN
    return Graph(nodes, edges, *size)


def _depth(name: str, depends: dict[str, list[str]]) -> int:
    return max((_depth(used, depends) + 1 for used in depends[name]), default=0)


def _order(columns: list[list[str]], depends: dict[str, list[str]]) -> None:
    """Order every column by the mean place of its neighbours, a few times to and fro, so that few edges cross."""
    beside: dict[str, set[str]] = {name: set(depends[name]) for column in columns for name in column}
    for name in list(beside):
        for used in depends[name]:
            beside[used].add(name)
    for _ in range(12):
        place = {name: i - len(column) / 2 for column in columns for i, name in enumerate(column)}
        for column in columns:
            column.sort(key=lambda name: sum(place[other] for other in beside[name]) / max(len(beside[name]), 1))
            place |= {name: i - len(column) / 2 for i, name in enumerate(column)}


def _edge(start: tuple[int, int], end: tuple[int, int]) -> str:
    x0, y0, x1, y1 = start[0] + WIDTH, start[1] + HEIGHT // 2, end[0], end[1] + HEIGHT // 2
    bend = (x1 - x0) // 2
    return f"M{x0} {y0}C{x0 + bend} {y0} {x1 - bend} {y1} {x1} {y1}"
