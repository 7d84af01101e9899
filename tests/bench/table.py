"""What came of the runs: medians with the smallest and the largest, and ours beside each peer's."""

import statistics
from dataclasses import dataclass, field


@dataclass
class Row:
    title: str
    unit: str
    higher_is_better: bool
    aim: float | None = None  # what our median is to reach
    results: dict[str, list[float]] = field(default_factory=dict)  # by server, in the order of the runs

    def add(self, server: str, value: float) -> None:
        self.results.setdefault(server, []).append(value)

    def median(self, server: str) -> float:
        return statistics.median(self.results[server])

    def lines(self, ours: str) -> list[str]:
        lines = [f"{self.title} ({self.unit})"]
        for server, values in self.results.items():
            line = f"  {server:<24}{number(self.median(server)):>10}   {number(min(values))} to {number(max(values))}"
            is_part = server.startswith(" ")  # of the server that follows
            if server != ours and ours in self.results and not is_part:
                line = f"{line:<68}{self.times(ours, server)}"
            lines.append(line.rstrip())
        return lines

    def meets_aim(self, ours: str) -> bool:
        median = self.median(ours)
        return median >= self.aim if self.higher_is_better else median <= self.aim

    def aim_line(self, ours: str) -> str:
        bound = "at least" if self.higher_is_better else "at most"
        outcome = "met" if self.meets_aim(ours) else "MISSED"
        return f"aim: {self.title}: {bound} {number(self.aim)} {self.unit}: {outcome} ({number(self.median(ours))})"

    def times(self, ours: str, peer: str) -> str:
        """How often ours is as good as the peer's."""
        mine, other = self.median(ours), self.median(peer)
        if not mine or not other:
            return ""
        return f"ours is {mine / other if self.higher_is_better else other / mine:.2f} times as good"


def number(value: float) -> str:
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"
