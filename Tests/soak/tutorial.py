#!/usr/bin/env python3
"""Runs Documentation/Tutorial.md as it is printed: files, commands and what they say, in an empty folder outside the repository.

    Tests/soak/tutorial.py           in a temporary folder that is removed at the end
    Tests/soak/tutorial.py FOLDER    in an empty folder that is kept
"""
import pathlib, re, subprocess, sys, tempfile, time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
PAGE = (ROOT / "Documentation/Tutorial.md").read_text()


def matches(pattern, output):
    """Whether a line of the output has the parts of a line of the page in order; `…` stands for anything."""
    expression = ".*".join(re.escape(part) for part in pattern.split("…"))
    return any(re.search(expression, line) for line in output.splitlines())


def play(folder):
    (folder / "tributary").symlink_to(ROOT)
    here = folder / "my-shops"
    here.mkdir()
    output, files, commands, expected = "", 0, 0, 0
    blocks = re.finditer(r"(?:^`([^`\n]+)`:\n\n)?^```(\w+)\n(.*?)^```$", PAGE, re.M | re.S)
    for name, kind, text in (block.groups() for block in blocks):
        if name:
            path = here / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
            files += 1
        elif kind == "sh":
            for command in text.splitlines():
                start = time.monotonic()
                result = subprocess.run(["bash", "-c", command], cwd=here, stdin=subprocess.DEVNULL, capture_output=True, text=True)
                print(f"$ {command}   ({time.monotonic() - start:.0f} s)", flush=True)
                output = result.stdout + result.stderr
                if result.returncode:
                    sys.exit(f"{command} ended with {result.returncode}:\n{output[-5000:]}")
                commands += 1
        elif kind == "text":
            for line in text.splitlines():
                if not matches(line, output):
                    sys.exit(f"the page says\n  {line}\nbut the command said\n{output[-3000:]}")
                expected += 1
    assert files >= 8 and commands >= 6 and expected >= 5, (files, commands, expected)
    print(f"{files} files, {commands} commands and {expected} lines of output are as printed")


if len(sys.argv) > 1:
    play(pathlib.Path(sys.argv[1]).resolve())
else:
    with tempfile.TemporaryDirectory() as folder:
        play(pathlib.Path(folder))
