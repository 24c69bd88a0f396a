#!/usr/bin/env python3
"""Holds the pages against the project: links, commands, paths, tests, Swift code and the picture of imports.

    Scripts/docs_check.py LASER

LASER is a built binary; its own parser reads every command line that a page shows. Says page, line and what is wrong.
"""

import json
import pathlib
import re
import shlex
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md")),
         *sorted(ROOT.glob("checkpoints/*/README.md")), ROOT / "episodes/README.md"]
FOLDERS = ("Sources", "Tests", "Scripts", "docs", "checkpoints", "episodes", "Benchmarks", "Examples")
# Options of other programs that pages name by themselves.
FOREIGN_OPTIONS = {"--filter", "--damaged"}

faults = []


def fault(page, line, text):
    faults.append(f"{page.relative_to(ROOT)}:{line}: {text}")


class Page:
    """A page as lines of text and fenced blocks: (language, number of the first line, lines)."""

    def __init__(self, path):
        self.path = path
        self.text, self.blocks = [], []
        block = None
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if line.lstrip().startswith("```"):
                if block is None:
                    block = (line.strip()[3:], number + 1, [])
                else:
                    self.blocks.append(block)
                    block = None
            elif block is not None:
                block[2].append(line)
            else:
                self.text.append((number, line))
        if block is not None:
            fault(path, block[1], "a code block without an end")

    def spans(self):
        """The inline code: (line, text). A span may go over the end of a line."""
        joined, starts = "", []
        for number, line in self.text:
            starts.append((len(joined), number))
            joined += line + "\n"
        for match in re.finditer(r"(?<!`)`([^`]+)`(?!`)", joined):
            yield max(s for s in starts if s[0] <= match.start())[1], " ".join(match[1].split())

    def anchors(self):
        """The names of its headings in links, as GitHub makes them."""
        return {re.sub(r"[^\w\- ]", "", line.lstrip("# ").strip().lower()).replace(" ", "-")
                for _, line in self.text if re.match(r"#+ ", line)}


def check_links(page, pages):
    for number, line in page.text:
        for target in re.findall(r"\]\(([^)\s]+)\)", line):
            if re.match(r"[a-z]+:", target):
                continue
            name, _, anchor = target.partition("#")
            path = (page.path.parent / name).resolve() if name else page.path
            if not path.exists():
                fault(page.path, number, f"the link {target} leads nowhere")
            elif anchor and path in pages and anchor not in pages[path].anchors():
                fault(page.path, number, f"{path.name} has no heading #{anchor}")


def check_paths(page, targets):
    for number, span in page.spans():
        for word in span.split():
            if word.startswith(tuple(f"{f}/" for f in FOLDERS)) and not re.search(r"[*{…<]", word):
                if not (ROOT / word.rstrip(".,:")).exists():
                    fault(page.path, number, f"there is no {word}")
        if re.fullmatch(r"make( [\w-]+)( [A-Z]+=\S+)*", span) and span.split()[1] not in targets:
            fault(page.path, number, f"the Makefile has no target {span.split()[1]}")


def shell_lines(lines, first):
    """The lines of a block, those that a backslash continues joined."""
    number, text = first, ""
    for offset, line in enumerate(lines):
        if not text:
            number = first + offset
        if line.rstrip().endswith("\\"):
            text += line.rstrip()[:-1] + " "
            continue
        yield number, text + line
        text = ""


def commands(page):
    """Every laser command that the page shows: (line, words, whether something is left out)."""
    variables = {}
    for language, first, lines in page.blocks:
        isTerminal = language == "" and any(line.startswith("$ ") for line in lines)
        for number, line in shell_lines(lines, first):
            if isTerminal:
                if not line.startswith("$ "):
                    continue
                line = line[2:]
            if language not in ("", "sh"):
                continue
            for name, quoted, plain in re.findall(r"(?:^|[;\s])([a-z_]+)=(?:[\"']([^\"']*)[\"']|(\S+))", line):
                variables[name] = quoted or plain
            variables.update(re.findall(r"\bfor (\w+) in (\S+)", line))
            yield from in_shell(page, number, line, variables)
    for number, span in page.spans():
        if re.match(r"laser [a-z]", span):
            yield from in_shell(page, number, span, variables)


def in_shell(page, number, line, variables):
    for name in re.findall(r"\$(\w+)", line):
        line = re.sub(rf"\${name}\b", variables.get(name, "1"), line)
    lexer = shlex.shlex(line.replace("|", " | ").replace("&", " & "), posix=True, punctuation_chars=";")
    lexer.whitespace_split = True
    lexer.commenters = "#" if " #" in line else ""
    try:
        words = list(lexer)
    except ValueError:
        return
    command, isFirst = None, True
    for word in [*words, ";"]:
        if word in (";", "|", "&", ">", ">>") or set(word) <= {";"}:
            if command and len(command) > 1 and re.match(r"[a-z@-]", command[1]):
                yield number, command
            command = None
        elif command is not None:
            command.append(word)
        elif isFirst and (word == "laser" or word.endswith("/laser")):
            command = [word]
        # What stands before a command leaves the next word the first.
        isFirst = word in ("|", "&", "do", "then", "time") or set(word) <= {";"} or bool(re.match(r"\w+=", word))


def prepare(words):
    """The words without what marks something as optional, and whether some are left out."""
    text = [re.sub(r"^\[+|\]+$", "", word) if word.startswith("[") or word.endswith("]") else word for word in words[1:]]
    isPart = any("…" in word or word == "..." for word in text)
    # The file of an edit is not there; any other edit is as good for the parser.
    text = ["Uin:0:0.5" if word.startswith("@") else word for word in text]
    return [word.replace("…", "") for word in text if word.replace("…", "")], isPart


def check_commands(pages, binary):
    dump = json.loads(subprocess.run([binary, "--experimental-dump-help"], capture_output=True, text=True, check=True).stdout)
    known = {}

    def collect(command):
        known[tuple(command.get("superCommands", []) + [command["commandName"]])[1:]] = {
            ("--" if name["kind"] == "long" else "-") + name["name"]
            for argument in command.get("arguments", []) for name in argument.get("names", [])}
        for sub in command.get("subcommands", []):
            collect(sub)

    collect(dump["command"])
    options = set().union(*known.values()) | FOREIGN_OPTIONS

    whole = []
    for page in pages.values():
        for number, command in commands(page):
            words, isPart = prepare(command)
            path = tuple(words[:2]) if tuple(words[:2]) in known else tuple(words[:1])
            if path not in known:
                fault(page.path, number, f"laser has no command {' '.join(path)}")
                continue
            for word in words[len(path):]:
                name = word.split("=")[0]
                # A quoted value may begin with dashes too.
                if re.match(r"--?[a-z]", name) and " " not in word and name not in known[path]:
                    fault(page.path, number, f"laser {' '.join(path)} has no option {name}")
            # A span of a sentence names a command with some of its options; a line of a block is typed.
            if not isPart and any(first <= number < first + len(lines) for _, first, lines in page.blocks):
                whole.append((page.path, number, words))
        for number, span in page.spans():
            name = re.match(r"(--[a-z][a-z-]*)", span)
            if name and name[1] not in options:
                fault(page.path, number, f"no command has an option {name[1]}")
    answer = subprocess.run([binary, "parse"], input="".join(json.dumps(words) + "\n" for _, _, words in whole),
                            capture_output=True, text=True)
    answers = [json.loads(line) for line in answer.stdout.splitlines()]
    if len(answers) != len(whole):
        sys.exit(f"docs-check: laser parse read {len(answers)} of {len(whole)} commands: {answer.stderr}")
    for (path, number, words), said in zip(whole, answers):
        if said["error"]:
            fault(path, number, f"laser {shlex.join(words)}: {said['error']}")
    return len(whole)


def check_tests(page):
    names = {path.stem for path in (ROOT / "Tests").rglob("*.swift")}
    declared = set(re.findall(r"(?:struct|class|enum|suite) (\w+Tests)\b",
                              "\n".join(p.read_text() for p in (ROOT / "Tests").rglob("*Tests.swift"))))
    for number, span in page.spans():
        if re.fullmatch(r"\w+Tests", span) and span not in names | declared:
            # A module's tests are named by their target.
            if not (ROOT / "Tests" / span).is_dir():
                fault(page.path, number, f"there are no {span}")


def check_swift(page):
    """Swift on a page is a piece of an example, which CI builds: the same code, but for its spaces and line ends."""
    sources = ["".join(path.read_text().split()) for path in (ROOT / "Examples/Sources").rglob("*.swift")]
    for language, first, lines in page.blocks:
        if language != "swift":
            continue
        wanted = "".join("".join(lines).split())
        if not any(wanted in source for source in sources):
            fault(page.path, first, "this Swift code is in no file of Examples, so nobody compiles it")


def check_imports(page):
    """The arrows of the page are the dependencies of Package.swift, those that follow from others left out."""
    manifest = json.loads(subprocess.run(["swift", "package", "dump-package"], cwd=ROOT, capture_output=True, text=True, check=True).stdout)
    real = {}
    for target in manifest["targets"]:
        if target["type"] in ("regular", "executable") and not re.match(r"C[A-Z]", target["name"]):
            real[target["name"]] = {d["byName"][0] for d in target["dependencies"] if "byName" in d}
    real = {name: {d for d in needs if d in real} for name, needs in real.items()}
    drawn, first = {}, 0
    for _, number, lines in page.blocks:
        for line in lines:
            if "─►" in line:
                first = first or number
                stages = [[name.strip() for name in stage.split(",")] for stage in line.split("─►")]
                for sources, targets in zip(stages, stages[1:]):
                    for source in sources:
                        drawn.setdefault(source, set()).update(targets)

    def below(name, seen):
        for other in drawn.get(name, ()):
            if other not in seen:
                seen.add(other)
                below(other, seen)
        return seen

    for name, needs in real.items():
        for other in sorted(needs - below(name, set())):
            fault(page.path, first, f"{name} imports {other}, which the picture does not show")
    for name, targets in drawn.items():
        for other in sorted(targets):
            if other not in real.get(name, ()):
                fault(page.path, first, f"the picture has {name} import {other}; Package.swift does not")
    rows = " ".join(span for _, span in page.spans())
    for name in real:
        if f"Sources/{name}" not in rows:
            fault(page.path, 1, f"no row of the table says what Sources/{name} is")


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: Scripts/docs_check.py LASER")
    pages = {path: Page(path) for path in PAGES}
    targets = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(), re.M))
    for page in pages.values():
        check_links(page, pages)
        check_paths(page, targets)
        check_tests(page)
        check_swift(page)
    check_imports(pages[ROOT / "docs/architecture.md"])
    linked = (ROOT / "README.md").read_text()
    for path in (ROOT / "docs").glob("*.md"):
        if f"docs/{path.name}" not in linked:
            fault(path, 1, "no link of README.md leads here")
    count = check_commands(pages, sys.argv[1])
    for text in faults:
        print(text)
    if faults:
        sys.exit(f"docs-check: {len(faults)} faults")
    print(f"docs-check: {len(pages)} pages agree with the project, {count} commands are as laser reads them")


main()
