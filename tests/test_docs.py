"""What the documents show runs, and what they point to exists."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from whynet.presets import load_preset

ROOT = Path(__file__).parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")])


def blocks(language: str) -> list:
    """Every fenced block of a language, as parameters named by page and number."""
    found = []
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        for number, block in enumerate(re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)):
            found.append(pytest.param(block, id=f"{page.name}-{number}"))
    return found


def run(source: str, folder: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", source],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("block", blocks("python"))
def test_python_in_the_documents_runs(block, tmp_path):
    run(block, tmp_path)


@pytest.mark.parametrize("block", blocks("toml"))
def test_toml_in_the_documents_makes_a_net(block, tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(block, encoding="utf-8")
    assert load_preset(path).build().output_shape == (10,)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page):
    links = re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text(encoding="utf-8"))
    missing = [
        link
        for link in links
        if not link.startswith(("http:", "https:")) and not (page.parent / link).exists()
    ]
    assert not missing


def test_nand(tmp_path):
    said = run((ROOT / "examples" / "nand.py").read_text(encoding="utf-8"), tmp_path)
    assert [line[-1] for line in said.splitlines()] == ["1", "1", "1", "0"]


def test_first_net(tmp_path):
    said = run((ROOT / "examples" / "first_net.py").read_text(encoding="utf-8"), tmp_path)
    percent = float(re.search(r"reads ([\d.]+)% of digits", said).group(1))
    assert percent > 85
    assert "33,690 parameters" in said


def test_ci_runs_the_command_that_the_readme_shows():
    readme, ci = ((ROOT / name).read_text(encoding="utf-8") for name in ("README.md", ".ci/run"))
    assert "\n    scripts/test\n" in readme
    assert "\nscripts/test " in ci
