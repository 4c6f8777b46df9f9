"""`dwmgrad conform`: is an implementation what its paper says?"""

from contextlib import nullcontext
from typing import Annotated, Any

import typer

from dwmgrad_ref.terminal import command_line, console, put_json

SUBJECT = "torch:module.Class or optax:name, with settings of its own if need be, such as :foreach=true."


def conform(
    implementation: Annotated[str, typer.Argument(metavar="SOURCE[:key=value,...]", help=SUBJECT)],
    rule: Annotated[
        str | None,
        typer.Option(
            "--rule", "-r", metavar="NAME[:key=value,...]", help="Our rule or a file; by default of its name."
        ),
    ] = None,
    names: Annotated[
        list[str] | None,
        typer.Option(
            "--name",
            metavar="OPTION=THEIRS",
            help="Its name of an option of ours, such as beta2=alpha or beta1='1 - b1'.",
        ),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the gradients.")] = 0,
    tries: Annotated[int, typer.Option(min=1, help="Changes tried at most, 1000 in about a second.")] = 60_000,
    json_file: Annotated[str | None, typer.Option("--json", help="Write as JSON; - prints it.")] = None,
) -> None:
    """Give an implementation and our rule the same gradients, and tell whether they are the same method.

    Both run in float64 at the implementation's defaults and at values that make a misplaced term visible, on random,
    sparse, sign-changing, tiny, large and constant gradients and on a first gradient of zero, with and without weight
    decay. Where they differ, the first step and quantity are told, and the options or the small changes of our formula
    that reproduce the implementation.

    [bold]dwmgrad conform torch:torch.optim.Adam[/bold]
    """
    from analysis.conformance import sources
    from analysis.conformance.study import study
    from dwmgrad_ref.cli import run_arguments
    from dwmgrad_ref.errors import BadInput

    kind, _, rest = implementation.partition(":")
    name, own = run_arguments.split(rest)
    found = sources.get(f"{kind}:{name}")
    _, ours, options = run_arguments.parse_rule(rule or _guessed(name))
    told = {option: theirs for option, _, theirs in (pair.partition("=") for pair in names or ())}
    for option in told:
        if option not in (*ours.Options._fields, "weight_decay"):
            raise BadInput(f"{ours.name} has no option {option!r}; it has {', '.join(ours.Options._fields)}")
    screen = console(stderr=True)
    with screen.status("playing both sides") if json_file != "-" else nullcontext() as status:
        record = study(
            found, ours, options, own, told, seed, tries, tell=status.update if status else lambda line: None
        )
    record["command"] = command_line("conform", implementation, rule=rule, name=names, seed=seed or None)
    if json_file != "-":
        show(console(), record)
    put_json(json_file, record)


def _guessed(name: str) -> str:
    """Our rule of the implementation's name, however it is written: `pytorch_optimizer.AdaBelief` is `adabelief`.

    Raises:
        BadInput: there is none.
    """
    from dwmgrad_ref import rules
    from dwmgrad_ref.errors import BadInput

    plain = _letters(name.rpartition(".")[2])
    for rule in rules.names():
        if _letters(rule) == plain:
            return rule
    raise BadInput(f"no rule of ours is called as {name}; name one by --rule (`dwmgrad list rules`)")


def _letters(name: str) -> str:
    return name.replace("-", "").replace("_", "").lower()


def show(screen: Any, record: dict[str, Any]) -> None:
    """The verdict first, then what it rests on."""

    def say(text: str) -> None:
        screen.print(text, markup=False, soft_wrap=True, highlight=False)

    say(f"{record['implementation']} ({record['version']}) against {record['rule']}: {record['verdict']}.")
    if found := record.get("divergence"):
        say(f"First divergence: {found['quantity']} after step {found['step']} on the sequence '{found['sequence']}':"
            f" theirs {found['theirs']}, ours {found['ours']}; {found['differing_cases']} of {record['cases']} plays"
            " differ.")  # fmt: skip
        for number, text in enumerate(record["reproduced"], start=1):
            say(f"Reproduced by ({number}): {text}")
        if not record["reproduced"]:
            cut = ", which is the limit" if record["search_cut"] else ""
            say(f"Tried {record['variants_tried']} changes{cut}; longest agreement: {record['longest']}.")
    else:
        say(f"Largest difference in {record['cases']} plays of {record['steps']} steps: {record['ulps']} ulps.")
    if record["single"]:
        say("It keeps numbers in float32 unless torch.set_default_dtype(torch.float64) is set, as it is here.")
    say("Names: " + ", ".join(f"{ours} is {theirs}" for ours, theirs in record["names"].items()))
    say(f"\n{record['command']}")
