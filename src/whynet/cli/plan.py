"""``whynet show --plan``: how a net is run, what it should take, and what it takes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from whynet.cli.console import Output, escaped
from whynet.errors import ConfigError

if TYPE_CHECKING:
    from whynet.nn import Network
    from whynet.plan.report import PlanReport, Report, Times
    from whynet.train.recipe import Recipe

_USUAL = 128
"""Examples of a batch where no recipe says."""

_MOST = 10**7
"""Examples of a batch that no set of pictures fills."""


def check_batch_size(batch_size: int | None, *, plan: bool) -> None:
    """Make sure that ``--batch-size`` is a size, and has something to say.

    Raises:
        ConfigError: it is none, or has not.
    """
    if batch_size is None:
        return
    if not plan:
        raise ConfigError("--batch-size belongs to --plan: give both, or neither")
    if not 1 <= batch_size <= _MOST:
        raise ConfigError(f"--batch-size: expected 1 to {_MOST:,}, got {batch_size:,}")


def show_plan(
    net: Network, name: str, recipe: Recipe | None, batch_size: int | None, output: Output
) -> None:
    """Make a net's plans, measure them, and print what came of it.

    Args:
        net: whose plans.
        name: what people call it.
        recipe: how it is trained, if that is known.
        batch_size: in place of the recipe's.
        output: where to.
    """
    from whynet.plan.report import report
    from whynet.train.shards import shard_size
    from whynet.train.workers import available_cores, one_blas_thread

    if batch_size is None:
        if recipe is not None and recipe.batch_size is None:
            output.note(
                f"the recipe takes all pictures at once; this is for {_USUAL} (--batch-size)"
            )
        batch_size = (recipe and recipe.batch_size) or _USUAL
    remembered = {} if recipe is None else recipe.optimizer.start(net.parameters)
    with output.busy("measuring"), one_blas_thread():
        found = report(
            net,
            batch_size,
            shard_size(net, batch_size),
            cores=available_cores(),
            optimizer=sum(array.nbytes for array in remembered.values()),
        )
    if output.as_json:
        output.document({"model": name, **_document(found)})
    else:
        _print(found, name, recipe, output)


# -- for scripts --------------------------------------------------------------------------------


def _document(found: Report) -> dict[str, Any]:
    return {
        "batch_size": found.batch_size,
        "shard_size": found.shard_size,
        "shards": found.shards,
        "workers": found.workers,
        "training": _plan(found.training),
        "last_shard": None if found.last is None else _plan(found.last),
        "prediction": _plan(found.prediction),
        "memory": {
            "plans": found.plans_memory,
            "whole_plans": found.plans,
            "gradients": found.gradients,
            "parameters": found.parameters,
            "optimizer": found.optimizer,
            "total": found.memory,
        },
    }


def _plan(plan: PlanReport) -> dict[str, Any]:
    steps = []
    for step in plan.steps:
        line = asdict(step)
        line["estimated_us"], line["measured_us"] = line.pop("estimated"), line.pop("measured")
        steps.append(line)
    return {
        "examples": plan.examples,
        "lanes": plan.lanes,
        "lane_size": plan.lane_size,
        "memory": {
            "kept": plan.kept,
            "common": plan.common,
            "scratch": plan.scratch,
            "total": plan.memory,
            "filters": plan.filters,
        },
        "steps": steps,
        "estimated_us": {**asdict(plan.estimated), "total": plan.estimated.total},
        "measured_us": {**asdict(plan.measured), "total": plan.measured.total},
        "multiply_adds": plan.multiply_adds,
        "gigaflops": plan.gigaflops,
    }


# -- for people ---------------------------------------------------------------------------------


def _print(found: Report, name: str, recipe: Recipe | None, output: Output) -> None:
    plan = found.training
    output.say(f"[bold]{escaped(name)}[/bold], trained on batches of {found.batch_size:,}")
    output.say()
    _table(plan, output)
    output.say(
        f"µs an image on one thread, in a shard of {plan.examples:,}; # is the running order"
    )
    if any(step.forced for step in plan.steps):
        output.say("* the net asks for this algorithm")
    output.say()
    _lines("speed of one thread", _speeds(found), output)
    output.say()
    _lines("shards", _cut(found), output)
    output.say()
    _lines("memory", _memory(found, recipe), output)


def _table(plan: PlanReport, output: Output) -> None:
    """Print the steps by layer, which is nearly the order in which they run."""
    from rich.table import Table

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column("\nlayer", overflow="fold")
    table.add_column("\n#", justify="right")
    for heading in ("step", "algorithm", "order"):
        table.add_column(f"\n{heading}", no_wrap=True)
    estimated = _pairs([step.estimated for step in plan.steps], plan.estimated)
    measured = _pairs([step.measured for step in plan.steps], plan.measured)
    for heading, pairs in (("estimated", estimated), ("measured", measured)):
        half = len(pairs[0]) // 2
        table.add_column(f"{heading}\n{'there':>{half}} {'back':>{half}}", no_wrap=True)
    before = None
    for at in sorted(range(len(plan.steps)), key=lambda at: plan.steps[at].layer):
        step = plan.steps[at]
        table.add_row(
            "" if step.layer == before else escaped(step.name),
            str(at + 1),
            escaped(step.does),
            step.algorithm + "*" * step.forced,
            step.order,
            estimated[at],
            measured[at],
        )
        before = step.layer
    table.add_row("total", "", "", "", "", estimated[-1], measured[-1], style="bold")
    output.console.print(table)


def _pairs(times: list[Times], total: Times) -> list[str]:
    """Write (forward, backward) in two columns of one width."""
    pairs = [(_us(one.forward), _us(one.backward)) for one in (*times, total)]
    width = max(5, *(len(cell) for pair in pairs for cell in pair))
    return [f"{there:>{width}} {back:>{width}}" for there, back in pairs]


def _us(time: float) -> str:
    return f"{time:,.{1 if time < 99.95 else 0}f}" if time >= 0.05 or time == 0 else "<0.1"


def _lines(title: str, lines: Iterable[tuple[str, str, str]], output: Output) -> None:
    """Print a name, a figure and a remark on each line."""
    told = list(lines)
    width = max(len(figure) for _, figure, _ in told)
    output.say(f"[bold]{title}[/bold]")
    for name, figure, remark in told:
        output.say(f"  {name:<16} {figure:>{width}}  [dim]{remark}[/dim]".rstrip())


def _speeds(found: Report) -> list[tuple[str, str, str]]:
    return [
        (
            name,
            f"{plan.measured.total:,.1f} µs",
            f"an image, estimated {plan.estimated.total:,.1f}; "
            f"{plan.gigaflops:,.3g} GFLOP/s, counted directly",
        )
        for name, plan in (("training", found.training), ("predicting", found.prediction))
    ]


def _cut(found: Report) -> list[tuple[str, str, str]]:
    plan, last = found.training, found.last
    of = f"of {found.shard_size:,}"
    if last is not None:
        of += f", the last of {last.examples:,} ({last.measured.total:,.1f} µs an image)"
    each = f"of {plan.lane_size:,} images, up to the dense layers"
    return [
        ("a batch is", f"{found.shards:,}", f"shards {of}" if found.shards > 1 else "shard"),
        ("a shard is", f"{plan.lanes:,}", f"lanes {each}" if plan.lanes > 1 else "piece"),
        ("workers", f"{found.workers:,}", "of this machine can share a batch"),
    ]


def _memory(found: Report, recipe: Recipe | None) -> list[tuple[str, str, str]]:
    plan, last = found.training, found.last
    kinds = f"kept {_mb(plan.kept)}, common {_mb(plan.common)}, scratch {_mb(plan.scratch)}"
    count = f"{found.plans:,}, one for each {'shard' if found.normalizes else 'worker'}"
    if last is not None:
        count += ", and the last shard's"
    known = "" if recipe is None else type(recipe.optimizer).__name__
    return [
        ("one plan", _mb(plan.memory), kinds),
        ("its filters", _mb(plan.filters), "as their algorithms want them, and gradients"),
        ("plans", _mb(found.plans_memory), f"{count}, with filters"),
        ("gradients", _mb(found.gradients), f"{found.shards:,}, one for each shard"),
        ("parameters", _mb(found.parameters), ""),
        ("optimizer", _mb(found.optimizer), f"what {known} remembers" if known else "not known"),
        ("together", _mb(found.memory), "besides the data"),
        ("predicting", _mb(found.prediction.memory), "one plan"),
    ]


def _mb(size: int) -> str:
    return f"{size / 1e6:,.1f} MB" if size >= 1e6 else f"{size / 1e3:,.1f} kB"
