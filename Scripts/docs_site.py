#!/usr/bin/env python3
"""Builds the pages and the modules' documentation into one folder that any web server shows.

    Scripts/docs_site.py MODULES OUT [BASE]

MODULES is the folder in which a build left its modules, .build/release/Modules. The pages of the project become articles
of one archive, every library of Package.swift an archive of its own; docc compiles them, a warning being an error, and
merges them. BASE is the path below which the server shows the folder, where that is not its root. The plugin that does the same for SwiftPM would build the package a second time.
"""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
# The pages under their headings on the first page. Those that are not named here come last.
TOPICS = {
    "To begin": ["docs/getting-started.md", "docs/installing.md"],
    "To search": ["docs/searching.md", "docs/guided.md", "docs/studies.md", "docs/cluster.md"],
    "Models and policies": ["docs/models.md", "docs/gguf.md", "docs/tokenizers.md", "docs/policy.md", "docs/policy-runs.md",
                            "checkpoints/four-box/README.md", "episodes/README.md"],
    "What was found": ["docs/results.md", "docs/performance.md", "docs/verification.md"],
    "To build on": ["docs/architecture.md", "CONTRIBUTING.md", "CHANGELOG.md"],
}


def pages():
    found = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", ROOT / "episodes/README.md",
             *sorted(ROOT.glob("docs/*.md")), *sorted(ROOT.glob("checkpoints/*/README.md"))]
    return {page: name(page) for page in found}


def name(page):
    """What docc calls a page: its file's name, or its folder's where that is README."""
    if page.parent == ROOT and page.stem == "README":
        return "laser"
    return page.parent.name if page.stem == "README" else page.stem.lower()


def article(page, names, images):
    """The page as docc reads it: links name articles, pictures lie beside them."""

    def link(match):
        mark, text, target = match.groups()
        if re.match(r"[a-z]+:", target):
            return match[0]
        if target.startswith("#"):
            return text
        path = (page.parent / target.partition("#")[0]).resolve()
        if mark:
            images.add(path)
            return f"![{text}]({path.name})"
        if path in names:
            return f"<doc:{names[path]}>" if text in ("", names[path]) else f"[{text}](doc:{names[path]})"
        # A file of the tree that is no page.
        return text if text.startswith("`") else f"{text} (`{path.relative_to(ROOT)}`)"

    lines, fenced = [], False
    for line in page.read_text().splitlines():
        fenced ^= line.lstrip().startswith("```")
        lines.append(line if fenced else re.sub(r"(!?)\[([^\]]*)\]\(([^)]+)\)", link, line))
    if page == ROOT / "README.md":
        lines[1:1] = ["", "@Metadata {", "  @TechnologyRoot", "}"]
        lines += topics(names)
    return "\n".join(lines) + "\n"


def topics(names):
    lines = ["", "## Topics"]
    placed = {ROOT / path for paths in TOPICS.values() for path in paths}
    rest = [path for path in names if path not in placed and names[path] != "laser"]
    for title, paths in [*TOPICS.items(), ("More", rest)]:
        if paths:
            lines += ["", f"### {title}", "", *(f"- <doc:{names[ROOT / path]}>" for path in paths)]
    return lines


def contents():
    """What each module holds, from the table of the architecture."""
    rows = re.findall(r"^\| (.+) \| `Sources/(\w+)`", (ROOT / "docs/architecture.md").read_text(), re.MULTILINE)
    return {module: f"{what[0].upper()}{what[1:]}." for what, module in rows}


def extract(module, modules, out):
    """What the module declares, with its comments."""
    triple = json.loads(output("swift", "-print-target-info"))["target"]["unversionedTriple"]
    maps = [*ROOT.glob("Sources/C*/module.modulemap"), *ROOT.glob("Sources/C*/include/module.modulemap"),
            *modules.parent.glob("C*.build/module.modulemap")]
    flags = [f"-fmodule-map-file={path}" for path in maps]
    flags += output("pkg-config", "--cflags", "openblas", "lapacke", "libpng", "zlib").split()
    subprocess.run(["swift", "symbolgraph-extract", "-module-name", module, "-target", triple, "-I", modules,
                    *(word for flag in flags for word in ("-Xcc", flag)), "-minimum-access-level", "public",
                    "-skip-synthesized-members", "-output-dir", out], check=True)


def output(*command):
    return subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout


def convert(title, catalog, out, base):
    command = ["docc", "convert", catalog, "--fallback-display-name", title, "--fallback-bundle-identifier",
               f"laser.{title}", "--fallback-default-module-kind", "Module", "--transform-for-static-hosting",
               "--warnings-as-errors", "--output-path", out / f"{title}.doccarchive"]
    if base:
        command += ["--hosting-base-path", base]
    if subprocess.run(command).returncode:
        sys.exit(f"{title}: docc refuses it; what it says above names file and line")


def main(modules, site, base):
    if site.exists() and any(site.iterdir()) and not (site / "metadata.json").exists():
        sys.exit(f"{site} holds something else than an earlier site; name another folder, or remove it")
    if not modules.is_dir():
        sys.exit(f"{modules} is no folder; expected that in which a build left its modules (make build)")
    products = json.loads(output("swift", "package", "dump-package"))["products"]
    libraries = [product["name"] for product in products if "library" in product["type"]]
    names, images = pages(), set()
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        catalog = folder / "laser.docc"
        catalog.mkdir()
        if len(set(names.values())) < len(names):
            sys.exit(f"two pages have one name: {sorted(names.values())}")
        for page, title in names.items():
            (catalog / f"{title}.md").write_text(article(page, names, images))
        for image in images:
            shutil.copy(image, catalog)
        archives = folder / "archives"
        archives.mkdir()
        convert("laser", catalog, archives, base)
        held = contents()
        for module in libraries:
            own = folder / f"{module}.docc"
            own.mkdir()
            if module not in held:
                sys.exit(f"docs/architecture.md does not say what {module} holds")
            (own / f"{module}.md").write_text(f"# ``{module}``\n\n{held[module]}\n")
            extract(module, modules, own)
            convert(module, own, archives, base)
        shutil.rmtree(site, ignore_errors=True)
        site.parent.mkdir(parents=True, exist_ok=True)  # docc makes the folder alone, not those above it.
        ordered = [archives / f"{title}.doccarchive" for title in ["laser", *libraries]]
        subprocess.run(["docc", "merge", *ordered, "--synthesized-landing-page-name", "laser",
                        "--synthesized-landing-page-topics-style", "list", "--output-path", site], check=True)
        (site / "index.html").write_text('<meta http-equiv="refresh" content="0; url=documentation/laser/">\n')
    print(f"{site}: {sum(1 for _ in site.rglob('index.html'))} pages; python3 -m http.server -d {os.path.relpath(site)}")


if __name__ == "__main__":
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    main(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]).resolve(), sys.argv[3] if len(sys.argv) == 4 else "")
