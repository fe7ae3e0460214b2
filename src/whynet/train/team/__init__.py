"""Who does the work: a team of one, of threads or of processes. See `team.team`."""

from whynet.train.team.processes import ProcessTeam, possible
from whynet.train.team.team import Meet, Solo, Team, Work
from whynet.train.team.threads import ThreadTeam

__all__ = ["Meet", "ProcessTeam", "Solo", "Team", "ThreadTeam", "Work", "gather", "possible"]


def gather(members: int, kind: str = "auto") -> Team:
    """Return a team of so many members.

    Args:
        members: how many, the caller included.
        kind: "threads", "processes", or "auto" for processes where they can be made safely.
    """
    if members == 1:
        return Solo()
    if kind == "processes" or (kind == "auto" and possible()):
        return ProcessTeam(members)
    return ThreadTeam(members)
