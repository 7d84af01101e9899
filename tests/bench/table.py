"""What came of the runs: medians with the smallest and the largest, and ours beside each peer's."""

import statistics
from dataclasses import dataclass, field


@dataclass
class Row:
    title: str
    unit: str
    higher_is_better: bool
    aim: float | None = None  # what our median is to reach
    aim_times: float | None = None  # how many times as good as each peer ours is to be
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

    def aims(self, ours: str) -> list[tuple[bool, str]]:
        """Of each, whether it is met and a line that says so."""
        aims = []
        if self.aim is not None:
            median, bound = self.median(ours), "at least" if self.higher_is_better else "at most"
            met = median >= self.aim if self.higher_is_better else median <= self.aim
            aims.append((met, f"{bound} {number(self.aim)} {self.unit}", number(median)))
        if self.aim_times is not None:
            for peer in (server for server in self.results if server != ours and not server.startswith(" ")):
                ratio = self.ratio(ours, peer)
                aims.append((ratio >= self.aim_times, f"{self.aim_times:g} times as good as {peer}", f"{ratio:.2f}"))
        return [(met, f"aim: {self.title}: {wanted}: {'met' if met else 'MISSED'} ({value})") for met, wanted, value in aims]

    def ratio(self, ours: str, peer: str) -> float:
        mine, other = self.median(ours), self.median(peer)
        return mine / other if self.higher_is_better else other / mine

    def times(self, ours: str, peer: str) -> str:
        """How often ours is as good as the peer's."""
        if not self.median(ours) or not self.median(peer):
            return ""
        return f"ours is {self.ratio(ours, peer):.2f} times as good"


def number(value: float) -> str:
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"
